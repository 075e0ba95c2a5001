package dev.kindling.spark.job;

import dev.kindling.train.ValueHistogram;
import java.util.Map;

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

  /**
   * What the parameters are made of at the end of an epoch, by their names; where it was asked for.
   *
   * @param gradients of the last step: its sum over all replicas with one worker, else the sums of
   *     each worker's
   */
  default void histograms(
      long step, Map<String, ValueHistogram> weights, Map<String, ValueHistogram> gradients) {}

  /**
   * The run ends before its last epoch.
   *
   * @param best value of the rule's metric
   * @param bestStep the version that had it; 0 where none had a value
   */
  default void stoppedEarly(EarlyStopping rule, double best, long bestStep) {}

  /** The workers are started again after a loss. */
  default void restarted(int restarts, int workers, String reason) {}

  /**
   * The first step after a loss is done.
   *
   * @param seconds since the loss was noticed
   */
  default void recovered(long step, double seconds) {}

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
