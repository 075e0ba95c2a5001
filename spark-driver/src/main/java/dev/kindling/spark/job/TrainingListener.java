package dev.kindling.spark.job;

/** Told how a run goes, by one thread at a time. */
public interface TrainingListener {
  /**
   * The data are ready and the workers are about to start.
   *
   * @param step version of the parameters they begin with; 0 unless the run is resumed
   */
  default void started(RunPlan run, int workers, long step) {}

  /** A few times a second. */
  default void progressed(Progress progress) {}

  /** The test rows have been evaluated amid an epoch. */
  default void evaluated(EvaluationResult result) {}

  /** An epoch is done and evaluated. */
  default void epochEnded(EpochResult result) {}

  /** The workers are started again after a loss. */
  default void restarted(int restarts, int workers, String reason) {}

  /** A checkpoint could not be written; training goes on. */
  default void checkpointFailed(String reason) {}

  /** A checkpoint is committed. */
  default void checkpointWritten(long step) {}

  /**
   * The run has ended, in whatever way.
   *
   * @param outcome {@code done}, or why it was not
   */
  default void ended(String outcome) {}
}
