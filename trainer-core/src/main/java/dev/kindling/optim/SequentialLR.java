package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;
import java.util.Optional;

/**
 * One after the other: each counts its steps from the milestone where it begins.
 *
 * @param schedulers at least one
 * @param milestones where the second and each later one begins, ascending
 */
public record SequentialLR(List<Schedule> schedulers, List<Span> milestones) implements Schedule {

  /** Checks the counts. */
  public SequentialLR {
    schedulers = Schedules.atLeastOne("SequentialLR", schedulers);
    milestones = List.copyOf(milestones);
    if (milestones.size() != schedulers.size() - 1) {
      throw new IllegalArgumentException(
          "SequentialLR: %d schedulers and %d milestones; there must be one milestone fewer"
              .formatted(schedulers.size(), milestones.size()));
    }
  }

  static SequentialLR of(Spec spec) {
    spec.allow("schedulers", "milestones");
    return new SequentialLR(
        Schedules.readList(spec, "schedulers"), Span.readList(spec, "milestones"));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    int active = 0;
    long begin = 0;
    for (int i = 0; i < milestones.size(); i++) {
      long milestone = (long) Math.ceil(milestones.get(i).in(stepsPerEpoch));
      if (step >= milestone) {
        active = i + 1;
        begin = milestone;
      }
    }
    return schedulers.get(active).factor(step - begin, stepsPerEpoch);
  }

  @Override
  public Optional<ReduceLROnPlateau> plateau() {
    return Schedules.plateauOf(schedulers);
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "SequentialLR",
        "schedulers",
        Schedules.write(schedulers),
        "milestones",
        Span.write(milestones));
  }
}
