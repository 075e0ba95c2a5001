package dev.kindling.ps.shard;

import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.optim.ReduceLROnPlateau.State;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
import java.util.function.Supplier;

/**
 * What a schedule that watches a metric has seen: {@link ReduceLROnPlateau}, where the run has one.
 *
 * <p>It moves once for each epoch, when the sums over the test rows are complete and before anybody
 * learns of them. Workers wait for these sums before they go on, so every bucket of a step sees the
 * same factor, wherever it is applied. Where several processes hold the sums of the training rows,
 * each learns all of them first. Thread-safe.
 */
public final class Plateau {
  private final FlatUpdate update;
  private final ReduceLROnPlateau schedule;
  private volatile State state;

  /** Before the first epoch. */
  Plateau(FlatUpdate update) {
    this.update = update;
    schedule = update.schedule().plateau().orElse(null);
    state = schedule == null ? null : schedule.start();
  }

  /** On the learning rate, now. */
  public double factor() {
    State now = state;
    return now == null ? 1 : now.factor();
  }

  /**
   * Takes the reduction of a version; others than those of an epoch's end count for nothing.
   *
   * @param sums begin with loss, correct answers and count of the test rows
   * @param training the training rows' sums at the version
   */
  void observe(long version, double[] sums, Supplier<MetricSums> training) {
    if (watches(version)) {
      observe(schedule.watchesTest() ? new MetricSums(sums[0], sums[1], sums[2]) : training.get());
    }
  }

  /** Takes what is watched, at the end of an epoch. */
  void observe(MetricSums seen) {
    state = schedule.next(state, seen.named(schedule.metric()));
  }

  /** Whether the metric of a version moves the schedule. */
  boolean watches(long version) {
    return schedule != null && version >= 0 && version % update.stepsPerEpoch() == 0;
  }

  /** For a checkpoint; empty where no metric is watched. */
  public double[] toArray() {
    State now = state;
    return now == null ? new double[0] : now.toArray();
  }

  /** From a checkpoint; nothing where it has nothing of the kind. */
  public void restore(double[] array) {
    if (schedule != null && array.length > 0) {
      state = State.of(array);
    }
  }
}
