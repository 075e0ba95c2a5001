package dev.kindling.spark.job;

import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;

/**
 * What an epoch gave.
 *
 * @param epoch counted from one
 * @param step version of the parameters at its end, or where the run ended amid it
 * @param train sums over the training samples, seen while the parameters moved
 * @param test sums over the test samples at its end; a count of 0 where there are none
 * @param trainSeconds wall time of the training steps alone
 * @param split where the time of a step went
 * @param metrics of the test samples, by name
 */
public record EpochResult(
    int epoch,
    long step,
    MetricSums train,
    MetricSums test,
    double trainSeconds,
    StepSplit split,
    Evaluation metrics) {
  /** Training samples a second. */
  public double samplesPerSecond() {
    return train.count() / trainSeconds;
  }
}
