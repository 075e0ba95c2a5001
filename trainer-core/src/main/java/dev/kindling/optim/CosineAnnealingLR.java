package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Falls along half a cosine and stays (Loshchilov and Hutter, 2017): {@code factor = min + (1 -
 * min) * (1 + cos(pi * step / tMax)) / 2}, and {@code min} after {@code tMax}, where PyTorch's
 * would rise again.
 *
 * @param tMax where it reaches its smallest
 * @param minFactor the smallest factor, 0 by default: PyTorch's {@code eta_min} over the base rate
 */
public record CosineAnnealingLR(Span tMax, double minFactor) implements Schedule {

  /** Checks the ranges. */
  public CosineAnnealingLR {
    Span.positive("CosineAnnealingLR", "t_max", tMax);
    Hyperparameters.notNegative("CosineAnnealingLR", "min_factor", minFactor);
  }

  static CosineAnnealingLR of(Spec spec) {
    spec.allow("t_max", "min_factor");
    return new CosineAnnealingLR(Span.read(spec, "t_max"), spec.number("min_factor", 0));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    return Anneal.COS.between(1, minFactor, Math.min(1, step / tMax.in(stepsPerEpoch)));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("CosineAnnealingLR", "t_max", tMax.toString(), "min_factor", minFactor);
  }
}
