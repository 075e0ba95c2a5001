package dev.kindling.nn;

import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/** What the outputs of a batch should have been. */
public sealed interface Targets {

  /** How many there are: samples, or positions where each sample has several labels. */
  int count();

  /** A class of each sample, [n], or of each position, [n, t], each in [0, classes). */
  record Labels(IntTensor labels) implements Targets {
    @Override
    public int count() {
      return labels.shape().elements();
    }
  }

  /** Values of each sample, [n, ...]. */
  record Values(Tensor values) implements Targets {
    @Override
    public int count() {
      return values.size(0);
    }
  }

  /** The labels; an error where there are values. */
  static IntTensor labels(String loss, Targets targets) {
    if (targets instanceof Labels labels) {
      return labels.labels();
    }
    throw new IllegalArgumentException(
        loss + ": the targets are values; it needs class labels, or use MSELoss");
  }

  /** The values, in the shape of the outputs; an error where there are labels. */
  static Tensor values(String loss, Tensor output, Targets targets) {
    if (!(targets instanceof Values values)) {
      throw new IllegalArgumentException(
          loss + ": the targets are labels; it needs values, or use CrossEntropyLoss");
    }
    if (!output.shape().equals(values.values().shape())) {
      throw new ShapeException(
          "%s: outputs %s and targets %s must have the same shape; change the last layer, or reshape"
              .formatted(loss, output.shape(), values.values().shape()));
    }
    return values.values();
  }
}
