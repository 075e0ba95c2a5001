package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Falls to zero: {@code factor = (1 - min(step, totalIters) / totalIters)^power}.
 *
 * @param totalIters where it reaches zero
 * @param power 1, a straight line, by default
 */
public record PolynomialLR(Span totalIters, double power) implements Schedule {

  /** Checks the ranges. */
  public PolynomialLR {
    Span.positive("PolynomialLR", "total_iters", totalIters);
    Hyperparameters.notNegative("PolynomialLR", "power", power);
  }

  static PolynomialLR of(Spec spec) {
    spec.allow("total_iters", "power");
    return new PolynomialLR(Span.read(spec, "total_iters"), spec.number("power", 1));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    double done = Math.min(1, step / totalIters.in(stepsPerEpoch));
    return StrictMath.pow(1 - done, power);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("PolynomialLR", "total_iters", totalIters.toString(), "power", power);
  }
}
