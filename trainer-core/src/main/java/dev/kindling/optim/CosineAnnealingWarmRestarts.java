package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Falls along half a cosine, again and again (Loshchilov and Hutter, 2017): {@code factor = min +
 * (1 - min) * (1 + cos(pi * tCur / tI)) / 2}, where {@code tCur} counts from the last restart and
 * the i-th stretch is {@code tI = t0 * tMult^i} long.
 *
 * @param t0 length of the first stretch
 * @param tMult how much longer each stretch is than the one before, 1 by default
 * @param minFactor the smallest factor, 0 by default: PyTorch's {@code eta_min} over the base rate
 */
public record CosineAnnealingWarmRestarts(Span t0, int tMult, double minFactor)
    implements Schedule {

  /** Checks the ranges. */
  public CosineAnnealingWarmRestarts {
    Span.positive("CosineAnnealingWarmRestarts", "t_0", t0);
    Hyperparameters.notNegative("CosineAnnealingWarmRestarts", "min_factor", minFactor);
    if (tMult < 1) {
      throw new IllegalArgumentException(
          "CosineAnnealingWarmRestarts: t_mult is " + tMult + "; it must be at least 1");
    }
  }

  static CosineAnnealingWarmRestarts of(Spec spec) {
    spec.allow("t_0", "t_mult", "min_factor");
    return new CosineAnnealingWarmRestarts(
        Span.read(spec, "t_0"), spec.integer("t_mult", 1), spec.number("min_factor", 0));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    double length = t0.in(stepsPerEpoch);
    double since = step;
    if (tMult == 1) {
      since %= length;
    }
    while (since >= length) {
      since -= length;
      length *= tMult;
    }
    return Anneal.COS.between(1, minFactor, since / length);
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "CosineAnnealingWarmRestarts",
        "t_0",
        t0.toString(),
        "t_mult",
        tMult,
        "min_factor",
        minFactor);
  }
}
