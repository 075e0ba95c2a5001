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
 */
public record RunPlan(
    TrainingConfig training, RowFormat format, long rows, boolean hasTest, EarlyStopping stopping)
    implements Serializable {

  /** A run of all its epochs. */
  public RunPlan(TrainingConfig training, RowFormat format, long rows, boolean hasTest) {
    this(training, format, rows, hasTest, EarlyStopping.never());
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

  /** Whether a version is the result of an epoch's last step. */
  public boolean endsEpoch(long version) {
    return version > 0 && version % stepsPerEpoch() == 0;
  }
}
