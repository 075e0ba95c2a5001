package dev.kindling.train;

import dev.kindling.data.Slice;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
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
 */
public final class ValueEvaluation extends Evaluation {
  private static final long serialVersionUID = 1L;

  private final Sums[] values;

  ValueEvaluation(int length) {
    this(IntStream.range(0, length).mapToObj(i -> new Sums(0, 0, 0, 0, 0)).toArray(Sums[]::new));
  }

  private ValueEvaluation(Sums[] values) {
    this.values = values;
  }

  /**
   * Of one value.
   *
   * @param spread sum of w (y - mean)^2
   */
  private record Sums(double weight, double absolute, double squared, double mean, double spread)
      implements Serializable {

    static Sums of(double target, double said, double weight) {
      double error = target - said;
      return new Sums(weight, weight * Math.abs(error), weight * error * error, target, 0);
    }

    /** The spread of both is that of each and that between their means (Chan et al., 1979). */
    Sums plus(Sums other) {
      double both = weight + other.weight;
      if (both == 0) {
        return this;
      }
      double apart = other.mean - mean;
      return new Sums(
          both,
          absolute + other.absolute,
          squared + other.squared,
          mean + apart * other.weight / both,
          spread + other.spread + apart * apart * weight * other.weight / both);
    }
  }

  @Override
  void add(Slice slice, int[] order, int from, int rows, float[] outputs, float[] weights) {
    float[] targets = new float[rows * values.length];
    slice.gatherValues(order, from, rows, targets, 0);
    for (int i = 0; i < targets.length; i++) {
      add(i % values.length, targets[i], outputs[i], weights[from + i / values.length]);
    }
  }

  /** Adds one value of a row. */
  void add(int value, double target, double said, double weight) {
    values[value] = values[value].plus(Sums.of(target, said, weight));
  }

  @Override
  public ValueEvaluation plus(Evaluation other) {
    Sums[] second = ((ValueEvaluation) other).values;
    return new ValueEvaluation(
        IntStream.range(0, values.length)
            .mapToObj(i -> values[i].plus(second[i]))
            .toArray(Sums[]::new));
  }

  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("mae", mean(i -> values[i].absolute / values[i].weight));
    metrics.put("rmse", mean(i -> Math.sqrt(values[i].squared / values[i].weight)));
    if (IntStream.range(0, values.length).allMatch(i -> values[i].spread > 0)) {
      metrics.put("r2", mean(i -> 1 - values[i].squared / values[i].spread));
    }
    return metrics;
  }

  private double mean(IntToDoubleFunction ofValue) {
    return IntStream.range(0, values.length).mapToDouble(ofValue).average().orElse(Double.NaN);
  }
}
