package dev.kindling.train;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.Target;
import java.io.Serializable;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a network is worth on rows it was not trained on, in metrics by name. Rows have their
 * weights. Sums are doubles, added in the order of the rows. Not thread-safe.
 */
public abstract sealed class Evaluation implements Serializable
    permits ClassEvaluation, ValueEvaluation {
  private static final long serialVersionUID = 1L;

  /** Rows of one forward pass; part of the result's bits. */
  private static final int BATCH = 256;

  /** Of no row, for targets as a format has them. */
  static Evaluation start(RowFormat format) {
    return format.target() instanceof Target.Labels labels
        ? new ClassEvaluation(labels.classes())
        : new ValueEvaluation(format.target().length());
  }

  /**
   * All rows of a slice, in its order.
   *
   * @param network made by {@link Predictor#ofOutputs}
   */
  public static Evaluation of(Predictor network, Slice slice) {
    Evaluation evaluation = start(slice.format());
    int[] order = IntStream.range(0, slice.size()).toArray();
    float[] weights = new float[slice.size()];
    slice.gatherWeights(order, 0, order.length, weights, 0);
    for (int from = 0; from < order.length; from += BATCH) {
      int rows = Math.min(BATCH, order.length - from);
      float[] outputs = network.outputs(slice, order, from, rows);
      evaluation.add(slice, order, from, rows, outputs, weights);
    }
    return evaluation;
  }

  /** Adds rows {@code from} to {@code from + rows - 1} with what the network says of them. */
  abstract void add(Slice slice, int[] order, int from, int rows, float[] outputs, float[] weights);

  /** The rows of both, this one's first; of the same kind and size. */
  public abstract Evaluation plus(Evaluation other);

  /** Every metric that has a value, by its name. */
  public abstract Map<String, Double> metrics();

  /**
   * One metric.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public double metric(String name) {
    Double value = metrics().get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "evaluation: there is no metric '%s'; there are %s"
              .formatted(name, String.join(", ", metrics().keySet())));
    }
    return value;
  }
}
