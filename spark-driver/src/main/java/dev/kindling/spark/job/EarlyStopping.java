package dev.kindling.spark.job;

import dev.kindling.train.MetricSums;
import java.io.Serializable;
import java.util.List;

/**
 * Ends a run when its test metric has stopped improving: after {@code patience} epochs in a row
 * without a value that is better than the best one by more than {@code minDelta}. Every worker
 * decides by itself from the sums that came along the replica tree, so all decide alike, whatever
 * their number. NaN is never better. Immutable.
 *
 * @param metric {@code test_loss} (small is good) or {@code test_accuracy} (large is good)
 * @param patience epochs without improvement that are borne, at least 1
 * @param minDelta what counts as an improvement, 0 or more
 * @param restoreBest whether the run gives the parameters of its best epoch, not of its last
 */
public record EarlyStopping(String metric, int patience, double minDelta, boolean restoreBest)
    implements Serializable {
  /** What can be watched. */
  public static final List<String> METRICS = List.of("test_loss", "test_accuracy");

  /**
   * What has been seen. Immutable.
   *
   * @param best the best value; infinite before the first
   * @param bestStep the version that had it, 0 before the first
   * @param bad epochs since
   */
  public record State(double best, long bestStep, int bad) implements Serializable {}

  /** Checks the ranges. */
  public EarlyStopping {
    if (!METRICS.contains(metric)) {
      throw new IllegalArgumentException(
          "early_stopping: metric '%s' is unknown; there are %s".formatted(metric, METRICS));
    }
    if (patience < 1 || !(minDelta >= 0)) {
      throw new IllegalArgumentException(
          "early_stopping: patience is %d and min_delta is %s; patience must be at least 1, min_delta 0 or more"
              .formatted(patience, minDelta));
    }
  }

  /** Never ends a run. */
  public static EarlyStopping never() {
    return new EarlyStopping("test_loss", Integer.MAX_VALUE, 0, false);
  }

  /** Whether a run may end before its last epoch. */
  boolean isOn() {
    return patience < Integer.MAX_VALUE;
  }

  private boolean isLoss() {
    return metric.equals("test_loss");
  }

  /** Before the first value. */
  State start() {
    return new State(isLoss() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY, 0, 0);
  }

  /** After the evaluation of one more version. */
  State next(State state, long step, MetricSums test) {
    double value = isLoss() ? test.loss() : test.accuracy();
    boolean isBetter = isLoss() ? value < state.best - minDelta : value > state.best + minDelta;
    return isBetter
        ? new State(value, step, 0)
        : new State(state.best, state.bestStep, state.bad + 1);
  }

  /** Whether the run ends here. */
  boolean isOver(State state) {
    return state.bad >= patience;
  }
}
