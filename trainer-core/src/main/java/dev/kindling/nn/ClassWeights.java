package dev.kindling.nn;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.LabelShares;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * How much each label counts in a loss over classes, and which label does not count at all.
 *
 * @param weights one for each class; empty for 1
 * @param ignored the label of samples that do not count
 */
record ClassWeights(List<Double> weights, int ignored) implements Serializable {
  private static final int IGNORED = CrossEntropy.NO_LABEL;

  /** Every label counts as one. */
  static final ClassWeights EVEN = new ClassWeights(List.of(), IGNORED);

  ClassWeights {
    weights = List.copyOf(weights);
  }

  static ClassWeights read(Spec spec) {
    List<Double> weights = spec.has("weight") ? spec.numbers("weight") : List.of();
    return new ClassWeights(weights, spec.integer("ignore_index", IGNORED));
  }

  Spec write(Spec spec) {
    return spec.with("weight", weights, List.of()).with("ignore_index", ignored, IGNORED);
  }

  /** What a sample with the given label counts. */
  double of(int label) {
    if (label == ignored) {
      return 0;
    }
    return weights.isEmpty() ? 1 : weights.get(label);
  }

  /** What all of them count together. */
  double sum(IntTensor labels) {
    double sum = 0;
    for (int i = 0; i < labels.shape().elements(); i++) {
      sum += of(labels.get(i));
    }
    return sum;
  }

  /** The same where the labels of row i count {@code rows[i]} times. */
  double sum(IntTensor labels, Tensor rows) {
    int each = labels.shape().elements() / rows.size(0);
    double sum = 0;
    for (int i = 0; i < labels.shape().elements(); i++) {
      sum += of(labels.get(i)) * rows.array()[rows.offset() + i / each];
    }
    return sum;
  }

  /** {@code loss[i] = -(sum over c of share[i, c] * logProbability[i, c])}. */
  Tensor logLikelihood(Tensor logProbabilities, IntTensor labels, double smoothing) {
    int classes = logProbabilities.size(1);
    if (!weights.isEmpty() && weights.size() != classes) {
      throw new ShapeException(
          "cross_entropy: outputs %s have %d classes; there are %d class weights; give one for each class"
              .formatted(logProbabilities.shape(), classes, weights.size()));
    }
    float[] counts = new float[weights.size()];
    for (int c = 0; c < counts.length; c++) {
      counts[c] = weights.get(c).floatValue();
    }
    Tensor shares = LabelShares.of(logProbabilities, labels, counts, ignored, smoothing);
    return shares.mul(logProbabilities).sum(1).neg();
  }

  /** Scores of any number of dimensions, the classes last, as [samples, classes]. */
  static Tensor rows(String loss, Tensor output, IntTensor labels) {
    int rank = output.shape().rank();
    if (rank < 2
        || output.shape().elements() != (long) output.size(-1) * labels.shape().elements()) {
      throw new ShapeException(
          "%s: outputs %s and labels %s: one score for each class is needed beside every label; reshape one of them"
              .formatted(loss, output.shape(), labels.shape()));
    }
    return output.reshape(-1, output.size(-1));
  }
}
