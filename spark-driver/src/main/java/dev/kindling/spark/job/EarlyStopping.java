package dev.kindling.spark.job;

import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Ends a run when its test metric has stopped improving: after {@code patience} evaluations in a
 * row (epochs, unless steps between are evaluated) without a value that is better than the best one
 * by more than {@code minDelta}. Every worker decides by itself from the sums that came along the
 * replica tree, so all decide alike, whatever their number. NaN is never better. Immutable.
 *
 * @param metric {@code test_loss}, {@code test_mae}, {@code test_rmse} (small is good), {@code
 *     test_accuracy} or {@code test_} with any other metric of {@link
 *     dev.kindling.train.ClassEvaluation} and {@link dev.kindling.train.ValueEvaluation} (large is
 *     good)
 * @param patience evaluations without improvement that are borne, at least 1; {@code
 *     Integer.MAX_VALUE} only keeps the best
 * @param minDelta what counts as an improvement, 0 or more
 * @param restoreBest whether the run gives the parameters of its best evaluation, not of its last
 */
public record EarlyStopping(String metric, int patience, double minDelta, boolean restoreBest)
    implements Serializable {
  private static final String TEST = "test_";
  private static final String LOSS = "test_loss";

  /**
   * What can be watched, where rows of its kind are evaluated; {@code test_f1_7} of a class too.
   */
  public static final List<String> METRICS =
      List.of(
          LOSS,
          "test_accuracy",
          "test_top_2_accuracy",
          "test_top_3_accuracy",
          "test_top_4_accuracy",
          "test_top_5_accuracy",
          "test_f1_macro",
          "test_auc",
          "test_mae",
          "test_rmse",
          "test_r2");

  private static final List<String> SMALL_IS_GOOD = List.of(LOSS, "test_mae", "test_rmse");
  private static final Pattern F1_OF_A_CLASS = Pattern.compile("test_f1_[0-9]+");

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
    if (!isMetric(metric)) {
      throw new IllegalArgumentException(
          "early_stopping: metric '%s' is unknown; there are %s".formatted(metric, METRICS));
    }
    if (patience < 1 || !(minDelta >= 0)) {
      throw new IllegalArgumentException(
          "early_stopping: patience is %d and min_delta is %s; patience must be at least 1, min_delta 0 or more"
              .formatted(patience, minDelta));
    }
  }

  /** Whether it is the name of something that some rows have. */
  public static boolean isMetric(String name) {
    return METRICS.contains(name) || F1_OF_A_CLASS.matcher(name).matches();
  }

  /** Never ends a run. */
  public static EarlyStopping never() {
    return new EarlyStopping("test_loss", Integer.MAX_VALUE, 0, false);
  }

  /** Whether a run may end before its last epoch, or give other parameters than its last. */
  boolean isOn() {
    return patience < Integer.MAX_VALUE || restoreBest;
  }

  private boolean isSmallGood() {
    return SMALL_IS_GOOD.contains(metric);
  }

  /**
   * Refuses a metric that rows do not have.
   *
   * @param rows of the kind that is evaluated
   */
  void check(Evaluation rows) {
    if (!metric.equals(LOSS) && !rows.names().contains(metric.substring(TEST.length()))) {
      throw new IllegalArgumentException(
          "early_stopping: the test rows have no metric '%s'; there are test_loss%s"
              .formatted(
                  metric,
                  rows.names().stream()
                      .map(name -> ", " + TEST + name)
                      .reduce("", String::concat)));
    }
  }

  /** Before the first value. */
  State start() {
    return new State(isSmallGood() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY, 0, 0);
  }

  /** After the evaluation of one more version. */
  State next(State state, long step, TestSums test) {
    double value = value(test);
    boolean isBetter =
        isSmallGood() ? value < state.best - minDelta : value > state.best + minDelta;
    return isBetter
        ? new State(value, step, 0)
        : new State(state.best, state.bestStep, state.bad + 1);
  }

  private double value(TestSums test) {
    MetricSums sums = test.sums();
    return switch (metric) {
      case LOSS -> sums.loss();
      case "test_accuracy" -> sums.accuracy();
      default -> test.named().metrics().getOrDefault(metric.substring(TEST.length()), Double.NaN);
    };
  }

  /** Whether the run ends here. */
  boolean isOver(State state) {
    return state.bad >= patience;
  }
}
