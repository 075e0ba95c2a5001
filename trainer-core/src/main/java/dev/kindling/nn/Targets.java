package dev.kindling.nn;

import dev.kindling.tensor.IntTensor;
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
}
