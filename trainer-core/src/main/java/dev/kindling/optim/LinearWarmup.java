package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.Optional;

/**
 * Gradual warm-up (Goyal et al., 2017): for the first {@code n} steps {@code factor = after(n) *
 * (start + (1 - start) * step / n)}, then {@code after(step)}. The schedule that follows counts
 * from the first step of the run, as in the paper, so its milestones stay where they are; the ramp
 * ends where it stands. Before a constant rate it is PyTorch's {@code LinearLR}; {@link
 * SequentialLR} starts a following schedule at its own zero.
 *
 * @param duration length of the ramp
 * @param startFactor where it begins: 1/k for a rate scaled by k; 0 to 1
 * @param after the schedule from then on, constant by default
 */
public record LinearWarmup(Span duration, double startFactor, Schedule after) implements Schedule {

  /** Checks the ranges. */
  public LinearWarmup {
    if (!(startFactor >= 0 && startFactor <= 1)) {
      throw new IllegalArgumentException(
          "LinearWarmup: start_factor is " + startFactor + "; it must be in [0, 1]");
    }
  }

  static LinearWarmup of(Spec spec) {
    spec.allow("duration", "start_factor", "after");
    Schedule after = spec.has("after") ? Schedules.read(spec, "after") : new Constant();
    return new LinearWarmup(
        Span.read(spec, "duration"), spec.number("start_factor", 1.0 / 3), after);
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    long length = (long) Math.ceil(duration.in(stepsPerEpoch));
    return step >= length
        ? after.factor(step, stepsPerEpoch)
        : after.factor(length, stepsPerEpoch)
            * Anneal.LINEAR.between(startFactor, 1, (double) step / length);
  }

  @Override
  public Optional<ReduceLROnPlateau> plateau() {
    return after.plateau();
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "LinearWarmup",
        "duration",
        duration.toString(),
        "start_factor",
        startFactor,
        "after",
        Schedules.write(after));
  }
}
