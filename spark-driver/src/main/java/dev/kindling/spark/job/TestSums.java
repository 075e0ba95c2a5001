package dev.kindling.spark.job;

import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.StepTimes;
import java.util.Arrays;

/**
 * What an evaluation sums up over the test rows of all replicas, where the time of the steps went,
 * and histograms of gradients where they are wanted; one vector of doubles travels for it.
 *
 * @param sums loss, right answers and count
 * @param named what has a name
 * @param split the mean over the steps since the epoch's start
 * @param noise of the gradients; nothing where no worker has several replicas below one node
 * @param gradients numbers of {@link Histograms}; empty where none are wanted
 */
record TestSums(
    MetricSums sums, Evaluation named, StepSplit split, Estimate noise, double[] gradients) {
  private static final int SPLIT = MetricSums.LENGTH;
  private static final int NOISE = SPLIT + StepSplit.LENGTH;
  private static final int NAMED = NOISE + 2;

  /** The vector of a replica, with nothing of its worker. */
  static double[] vector(RunPlan run, MetricSums sums, Evaluation named) {
    double[] own = named.sums();
    int gradients = run.histograms() ? Histograms.length(run.training().layout()) : 0;
    double[] vector = new double[NAMED + own.length + gradients];
    vector[0] = sums.lossSum();
    vector[1] = sums.correct();
    vector[2] = sums.count();
    System.arraycopy(own, 0, vector, NAMED, own.length);
    return vector;
  }

  /** Puts what a worker has, whatever its replicas, into the vector of one of them. */
  static void addWorker(double[] vector, StepTimes times, Estimate noise, double[] gradients) {
    System.arraycopy(StepSplit.sums(times), 0, vector, SPLIT, StepSplit.LENGTH);
    vector[NOISE] = noise.trace();
    vector[NOISE + 1] = noise.squared();
    System.arraycopy(gradients, 0, vector, vector.length - gradients.length, gradients.length);
  }

  /** The vector of no row. */
  static double[] nothing(RunPlan run) {
    return vector(run, new MetricSums(0, 0, 0), Evaluation.summed(run.format()));
  }

  /** Added vectors. */
  static TestSums of(RunPlan run, double[] sums) {
    int named = NAMED + Evaluation.summed(run.format()).sums().length;
    return new TestSums(
        new MetricSums(sums[0], sums[1], sums[2]),
        Evaluation.summed(run.format(), Arrays.copyOfRange(sums, NAMED, named)),
        StepSplit.of(sums, SPLIT),
        new Estimate(sums[NOISE], sums[NOISE + 1]),
        Arrays.copyOfRange(sums, named, sums.length));
  }
}
