package dev.kindling.spark.job;

import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import java.util.Locale;
import java.util.Optional;

/**
 * What an epoch gave.
 *
 * @param epoch counted from one
 * @param step version of the parameters at its end, or where the run ended amid it
 * @param train sums over the training samples, seen while the parameters moved
 * @param test sums over the test samples at its end; a count of 0 where there are none
 * @param trainSeconds wall time of the training steps alone
 * @param lr learning rate of its last step, as schedules and metrics have made it
 * @param split where the time of a step went
 * @param metrics of the test samples, by name
 * @param noiseScale the gradient noise scale of late, in rows; NaN where a step has one replica, or
 *     noise hides the gradient
 */
public record EpochResult(
    int epoch,
    long step,
    MetricSums train,
    MetricSums test,
    double trainSeconds,
    double lr,
    StepSplit split,
    Evaluation metrics,
    double noiseScale) {
  /**
   * What the noise scale says of a batch size (McCandlish et al., 2018): B rows a step take {@code
   * 1 + noise / B} times the fewest possible steps, and {@code 1 + B / noise} times the fewest
   * possible rows. Empty while the scale is not known.
   */
  public Optional<String> batchAdvice(int batchSize) {
    if (!Double.isFinite(noiseScale)) {
      return Optional.empty();
    }
    double share = batchSize / noiseScale;
    String advice =
        share < 0.5
            ? "larger batches save steps"
            : share > 2 ? "smaller batches save rows" : "a balanced size";
    return Optional.of(
        String.format(
            Locale.ROOT,
            "gradient noise scale %,.0f rows: batch %,d takes %.3g times the fewest steps and %.3g times the fewest rows; %s",
            noiseScale,
            batchSize,
            1 + 1 / share,
            1 + share,
            advice));
  }

  /** Training samples a second. */
  public double samplesPerSecond() {
    return train.count() / trainSeconds;
  }
}
