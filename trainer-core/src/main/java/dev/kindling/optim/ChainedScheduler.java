package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;
import java.util.Optional;

/**
 * Several at once: {@code factor = product of their factors}.
 *
 * @param schedulers at least one
 */
public record ChainedScheduler(List<Schedule> schedulers) implements Schedule {

  /** Checks that there is one. */
  public ChainedScheduler {
    schedulers = Schedules.atLeastOne("ChainedScheduler", schedulers);
  }

  static ChainedScheduler of(Spec spec) {
    spec.allow("schedulers");
    return new ChainedScheduler(Schedules.readList(spec, "schedulers"));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    double product = 1;
    for (int i = 0; i < schedulers.size(); i++) {
      product *= schedulers.get(i).factor(step, stepsPerEpoch);
    }
    return product;
  }

  @Override
  public Optional<ReduceLROnPlateau> plateau() {
    return Schedules.plateauOf(schedulers);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("ChainedScheduler", "schedulers", Schedules.write(schedulers));
  }
}
