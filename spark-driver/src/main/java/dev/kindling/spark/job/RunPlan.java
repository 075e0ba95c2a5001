package dev.kindling.spark.job;

import dev.kindling.data.BatchShares;
import dev.kindling.data.RowFormat;
import dev.kindling.train.TrainingConfig;
import java.io.Serializable;

/**
 * All that the workers of a run have in common; travels to the tasks. Immutable.
 *
 * @param training what is trained and how
 * @param format of the rows
 * @param rows of the training data
 * @param hasTest whether there are test rows to evaluate on
 * @param stopping when it ends before its last epoch
 * @param evaluateEverySteps steps after which test rows are evaluated amid an epoch; 0 for never
 * @param histograms whether gradients are counted by size in the last step of each epoch
 */
public record RunPlan(
    TrainingConfig training,
    RowFormat format,
    long rows,
    boolean hasTest,
    EarlyStopping stopping,
    int evaluateEverySteps,
    boolean histograms)
    implements Serializable {

  /** A run of all its epochs, evaluated at the end of each. */
  public RunPlan(TrainingConfig training, RowFormat format, long rows, boolean hasTest) {
    this(training, format, rows, hasTest, EarlyStopping.never(), 0, false);
  }

  /** Which rows each replica takes at which step. */
  public BatchShares shares() {
    return new BatchShares(rows, training.replicas(), training.batchSize());
  }

  /** Steps of a pass over the data. */
  public long stepsPerEpoch() {
    return training.stepsPerEpoch(rows);
  }

  /** Steps of the whole run. */
  public long totalSteps() {
    return training.totalSteps(rows);
  }

  /** The epoch, counted from 1, that the step before a version belongs to. */
  int epochOf(long version) {
    return (int) ((version + stepsPerEpoch() - 1) / stepsPerEpoch());
  }

  /** Whether a version is evaluated. */
  public boolean evaluates(long version) {
    boolean isDue = evaluateEverySteps > 0 && version > 0 && version % evaluateEverySteps == 0;
    return isDue || endsEpoch(version);
  }

  /** Whether a version is the result of an epoch's last step. */
  public boolean endsEpoch(long version) {
    return version > 0 && version % stepsPerEpoch() == 0;
  }
}
