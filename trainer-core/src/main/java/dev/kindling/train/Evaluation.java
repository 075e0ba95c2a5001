package dev.kindling.train;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.Target;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * What a network is worth on rows it was not trained on, in metrics by name. Rows have their
 * weights. All metrics follow from sums of doubles, one for each row and then one for each share of
 * the rows; they travel along the replica tree. Not thread-safe.
 */
public abstract sealed class Evaluation implements Serializable
    permits ClassEvaluation, ValueEvaluation {
  private static final long serialVersionUID = 1L;

  /** What every metric follows from. */
  protected final double[] sums;

  /** Begins with nothing, or with what others have added up. */
  Evaluation(double[] sums) {
    this.sums = sums;
  }

  /** Of no row; keeps what exact metrics need, however much it is. */
  public static Evaluation exact(RowFormat format) {
    return format.target() instanceof Target.Labels labels
        ? ClassEvaluation.exact(labels.classes())
        : new ValueEvaluation(format.target().length());
  }

  /**
   * Of no row; at most 4096 sums, so that they can travel: without a confusion matrix of more than
   * 50 classes, without F1 of more than 1000, without metrics of more than 800 values, and with an
   * area under the curve of rounded scores.
   */
  public static Evaluation summed(RowFormat format) {
    return format.target() instanceof Target.Labels labels
        ? ClassEvaluation.summed(labels.classes())
        : ValueEvaluation.summed(format.target().length());
  }

  /** From the sums of others that were {@link #summed}. */
  public static Evaluation summed(RowFormat format, double[] sums) {
    Evaluation evaluation = summed(format);
    System.arraycopy(sums, 0, evaluation.sums, 0, evaluation.sums.length);
    return evaluation;
  }

  /**
   * All rows of a slice, in its order.
   *
   * @param network made by {@link Predictor#ofOutputs}
   */
  public static Evaluation of(Predictor network, Slice slice) {
    Evaluation evaluation = exact(slice.format());
    network.evaluate(slice, evaluation);
    return evaluation;
  }

  /**
   * Adds a batch with what the network says of it.
   *
   * @param counts whether a label counts
   */
  abstract void add(BatchInput batch, Tensor output, IntPredicate counts);

  /** The rows of both, this one's first; of the same kind and size. */
  public abstract Evaluation plus(Evaluation other);

  /** The elementwise sum. */
  final double[] sumsWith(Evaluation other) {
    double[] both = sums.clone();
    Arrays.setAll(both, i -> both[i] + other.sums[i]);
    return both;
  }

  /** What travels: to be added elementwise to those of other rows; a copy. */
  public double[] sums() {
    return sums.clone();
  }

  /** The name of every metric that rows of this kind can have. */
  public abstract List<String> names();

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
