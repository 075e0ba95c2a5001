package dev.kindling.spark.job;

import dev.kindling.train.MetricSums;

/** Told how a run goes, by one thread at a time. */
public interface TrainingListener {
  /** The data are ready and the workers are about to start. */
  default void started(RunPlan run, int workers) {}

  /**
   * A few times a second.
   *
   * @param step version of the parameters
   * @param epoch sums since the epoch's start
   * @param seconds since the epoch's start
   */
  default void progressed(long step, MetricSums epoch, double seconds) {}

  /**
   * An epoch is done and evaluated.
   *
   * @param values the flat vector at its end, a copy
   */
  default void epochEnded(EpochResult result, float[] values) {}

  /** The workers are started again after a loss. */
  default void restarted(int restarts, String reason) {}
}
