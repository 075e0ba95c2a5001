package dev.kindling.train;

import dev.kindling.nn.Targets;
import dev.kindling.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Metrics of a regression of n values, with row weights w, targets y and predictions p:
 *
 * <pre>
 * mae     sum w |y - p| / sum w
 * rmse    sqrt(sum w (y - p)^2 / sum w)
 * r2      1 - sum w (y - p)^2 / sum w (y - mean y)^2
 * </pre>
 *
 * each the mean over the n values. {@code r2} is left out where a target is the same in all rows.
 * The spread of a target comes from {@code sum w y^2 - (sum w y)^2 / sum w}, in doubles.
 */
public final class ValueEvaluation extends Evaluation {
  private static final long serialVersionUID = 1L;
  private static final int MOST_VALUES = 800;

  /** Of each value: w, w |y - p|, w (y - p)^2, w y, w y^2. */
  private static final int SUMS = 5;

  /** Relative to the sum of squares, what rounding may leave of a spread of nothing. */
  private static final double NO_SPREAD = 1e-13;

  private final int values;

  ValueEvaluation(int values) {
    this(values, new double[values * SUMS]);
  }

  private ValueEvaluation(int values, double[] sums) {
    super(sums);
    this.values = values;
  }

  static ValueEvaluation summed(int values) {
    return new ValueEvaluation(values <= MOST_VALUES ? values : 0);
  }

  @Override
  void add(BatchInput batch, Tensor output, IntPredicate counts) {
    Tensor wanted = ((Targets.Values) batch.target()).values();
    int all = wanted.shape().elements();
    if (values == 0 || output.shape().elements() != all) {
      return; // outputs that are no predictions of the targets
    }
    Tensor weights = batch.weights();
    for (int i = 0; i < all; i++) {
      add(
          i % values,
          wanted.array()[wanted.offset() + i],
          output.array()[output.offset() + i],
          weights.array()[weights.offset() + i / values]);
    }
  }

  /** Adds one value of a row. */
  void add(int value, double target, double said, double weight) {
    double error = target - said;
    int at = value * SUMS;
    sums[at] += weight;
    sums[at + 1] += weight * Math.abs(error);
    sums[at + 2] += weight * error * error;
    sums[at + 3] += weight * target;
    sums[at + 4] += weight * target * target;
  }

  @Override
  public ValueEvaluation plus(Evaluation other) {
    return new ValueEvaluation(values, sumsWith(other));
  }

  @Override
  public List<String> names() {
    return values == 0 ? List.of() : List.of("mae", "rmse", "r2");
  }

  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (values == 0 || sums[0] == 0) {
      return metrics;
    }
    metrics.put("mae", mean(at -> sums[at + 1] / sums[at]));
    metrics.put("rmse", mean(at -> Math.sqrt(sums[at + 2] / sums[at])));
    if (IntStream.range(0, values).allMatch(v -> hasSpread(v * SUMS))) {
      metrics.put("r2", mean(at -> 1 - sums[at + 2] / spread(at)));
    }
    return metrics;
  }

  private double spread(int at) {
    return sums[at + 4] - sums[at + 3] * sums[at + 3] / sums[at];
  }

  private boolean hasSpread(int at) {
    return spread(at) > NO_SPREAD * sums[at + 4];
  }

  private double mean(IntToDoubleFunction ofValue) {
    return IntStream.range(0, values)
        .map(v -> v * SUMS)
        .mapToDouble(ofValue)
        .average()
        .orElse(Double.NaN);
  }
}
