package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/**
 * The learning rate of each step, as a factor on the optimizer's base rate: {@code lr(step) = base
 * * factor(step)}. A pure function of the step, so that a shard and a resumed run agree. Immutable.
 */
public sealed interface Schedule extends Serializable permits Schedule.Constant {

  /** The factor of a step, counted from zero. */
  double factor(long step);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /** Reads a schedule from its written form. */
  static Schedule of(Spec spec) {
    return switch (spec.type()) {
      case "Constant" -> new Constant();
      default -> throw SpecException.unknown("schedule", "type", spec.type(), List.of("Constant"));
    };
  }

  /** {@code factor = 1}: the base rate throughout. */
  record Constant() implements Schedule {
    @Override
    public double factor(long step) {
      return 1;
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Constant");
    }
  }
}
