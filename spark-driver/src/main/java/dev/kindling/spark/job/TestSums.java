package dev.kindling.spark.job;

import dev.kindling.data.RowFormat;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import dev.kindling.train.StepTimes;
import java.util.Arrays;

/**
 * What an evaluation sums up over the test rows of all replicas, and where the time of the steps
 * went; one vector of doubles travels for it.
 *
 * @param sums loss, right answers and count
 * @param named what has a name
 * @param split the mean over the steps since the epoch's start
 */
record TestSums(MetricSums sums, Evaluation named, StepSplit split) {
  private static final int SPLIT = MetricSums.LENGTH;
  private static final int NAMED = SPLIT + StepSplit.LENGTH;

  /** The vector of one replica; times are those of its worker and belong to one of its replicas. */
  static double[] vector(MetricSums sums, Evaluation named, StepTimes times) {
    double[] own = named.sums();
    double[] vector = new double[NAMED + own.length];
    vector[0] = sums.lossSum();
    vector[1] = sums.correct();
    vector[2] = sums.count();
    if (times != null) {
      System.arraycopy(StepSplit.sums(times), 0, vector, SPLIT, StepSplit.LENGTH);
    }
    System.arraycopy(own, 0, vector, NAMED, own.length);
    return vector;
  }

  /** That of no row. */
  static double[] nothing(RowFormat format) {
    return vector(new MetricSums(0, 0, 0), Evaluation.summed(format), null);
  }

  /** Added vectors. */
  static TestSums of(RowFormat format, double[] sums) {
    return new TestSums(
        new MetricSums(sums[0], sums[1], sums[2]),
        Evaluation.summed(format, Arrays.copyOfRange(sums, NAMED, sums.length)),
        StepSplit.of(sums, SPLIT));
  }
}
