package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Falls by the same share at every step: {@code factor = gamma^(step / every)}.
 *
 * @param gamma what one stretch multiplies by
 * @param every length of the stretch: one step by default; PyTorch users mostly mean one epoch
 */
public record ExponentialLR(double gamma, Span every) implements Schedule {

  /** Checks the ranges. */
  public ExponentialLR {
    Hyperparameters.notNegative("ExponentialLR", "gamma", gamma);
    Span.positive("ExponentialLR", "every", every);
  }

  static ExponentialLR of(Spec spec) {
    spec.allow("gamma", "every");
    Span every = spec.has("every") ? Span.read(spec, "every") : Span.steps(1);
    return new ExponentialLR(spec.number("gamma"), every);
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    return StrictMath.pow(gamma, step / every.in(stepsPerEpoch));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("ExponentialLR", "gamma", gamma, "every", every.toString());
  }
}
