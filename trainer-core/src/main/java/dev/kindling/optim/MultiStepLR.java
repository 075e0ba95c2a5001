package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Falls at given points: {@code factor = gamma^(number of milestones <= step)}.
 *
 * @param milestones where it falls
 * @param gamma what each milestone multiplies by, 0.1 by default
 */
public record MultiStepLR(List<Span> milestones, double gamma) implements Schedule {

  /** Checks the ranges. */
  public MultiStepLR {
    milestones = List.copyOf(milestones);
    Hyperparameters.notNegative("MultiStepLR", "gamma", gamma);
  }

  static MultiStepLR of(Spec spec) {
    spec.allow("milestones", "gamma");
    return new MultiStepLR(Span.readList(spec, "milestones"), spec.number("gamma", 0.1));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    int passed = 0;
    for (int i = 0; i < milestones.size(); i++) {
      passed += step >= milestones.get(i).in(stepsPerEpoch) ? 1 : 0;
    }
    return Hyperparameters.power(gamma, passed);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("MultiStepLR", "milestones", Span.write(milestones), "gamma", gamma);
  }
}
