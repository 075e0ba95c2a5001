package dev.kindling.spark.job;

import dev.kindling.train.StepTimes;
import java.util.Arrays;

/**
 * Where the time of a step went: milliseconds, the mean over the workers and steps of an epoch.
 *
 * @param batch gathering rows into the input
 * @param forward forward and loss
 * @param backward backward
 * @param exchange adding along the replica tree and handing over buckets
 * @param optimizer the update rule, where workers apply it themselves
 * @param waiting for the others and for new values
 */
public record StepSplit(
    double batch,
    double forward,
    double backward,
    double exchange,
    double optimizer,
    double waiting) {

  /** Numbers that travel for it. */
  static final int LENGTH = 7;

  /** The times of one worker, to be added to those of others. */
  static double[] sums(StepTimes times) {
    return new double[] {
      times.batch,
      times.forward,
      times.backward,
      times.exchange,
      times.optimizer,
      times.wait,
      times.steps
    };
  }

  /** Milliseconds of arithmetic on the rows: batch, forward and backward. */
  public double compute() {
    return batch + forward + backward;
  }

  /** The mean of added times. */
  static StepSplit of(double[] sums, int from) {
    double steps = Math.max(1, sums[from + LENGTH - 1]);
    double[] millis =
        Arrays.stream(sums, from, from + LENGTH - 1).map(nanos -> nanos * 1e-6 / steps).toArray();
    return new StepSplit(millis[0], millis[1], millis[2], millis[3], millis[4], millis[5]);
  }
}
