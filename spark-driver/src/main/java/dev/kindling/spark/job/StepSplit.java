package dev.kindling.spark.job;

import dev.kindling.train.StepTimes;
import java.util.Arrays;

/**
 * Where the time of a step went: microseconds, the mean over the workers and steps of an epoch.
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

  /** The mean of added times. */
  static StepSplit of(double[] sums, int from) {
    double steps = Math.max(1, sums[from + LENGTH - 1]);
    double[] micros =
        Arrays.stream(sums, from, from + LENGTH - 1).map(nanos -> nanos * 1e-3 / steps).toArray();
    return new StepSplit(micros[0], micros[1], micros[2], micros[3], micros[4], micros[5]);
  }
}
