package dev.kindling.train;

import java.io.Serializable;

/**
 * Sums over the samples seen since the start of an epoch. They travel with the gradients along the
 * replica tree, so they are as exact and as safe from faults as the parameters.
 *
 * @param lossSum sum of the losses
 * @param correct number of samples whose largest output is the label's
 * @param count number of samples; where rows have weights, all three are weighted
 */
public record MetricSums(double lossSum, double correct, double count) implements Serializable {
  /** Floats that a vector keeps for them. */
  public static final int LENGTH = 3;

  /** Reads the sums where a vector keeps them. */
  public static MetricSums read(float[] vector, int offset) {
    return new MetricSums(vector[offset], vector[offset + 1], vector[offset + 2]);
  }

  /** The sums as {@link #toArray} gave them. */
  public static MetricSums of(double[] sums) {
    return new MetricSums(sums[0], sums[1], sums[2]);
  }

  /** Loss, correct answers, count. */
  public double[] toArray() {
    return new double[] {lossSum, correct, count};
  }

  /** Mean loss of a sample; NaN before the first. */
  public double loss() {
    return lossSum / count;
  }

  /** Share of samples classified right; NaN before the first. */
  public double accuracy() {
    return correct / count;
  }

  /** The loss or the accuracy, as a schedule names its metric: {@code test_loss}, ... */
  public double named(String metric) {
    return metric.endsWith("loss") ? loss() : accuracy();
  }

  /** The sums over both. */
  public MetricSums plus(MetricSums other) {
    return new MetricSums(lossSum + other.lossSum, correct + other.correct, count + other.count);
  }
}
