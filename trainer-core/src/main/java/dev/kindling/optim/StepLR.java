package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Falls in equal stairs: {@code factor = gamma^floor(step / stepSize)}.
 *
 * @param stepSize length of a stair
 * @param gamma what each stair multiplies by, 0.1 by default
 */
public record StepLR(Span stepSize, double gamma) implements Schedule {

  /** Checks the ranges. */
  public StepLR {
    Span.positive("StepLR", "step_size", stepSize);
    Hyperparameters.notNegative("StepLR", "gamma", gamma);
  }

  static StepLR of(Spec spec) {
    spec.allow("step_size", "gamma");
    return new StepLR(Span.read(spec, "step_size"), spec.number("gamma", 0.1));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    return Hyperparameters.power(gamma, (long) (step / stepSize.in(stepsPerEpoch)));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("StepLR", "step_size", stepSize.toString(), "gamma", gamma);
  }
}
