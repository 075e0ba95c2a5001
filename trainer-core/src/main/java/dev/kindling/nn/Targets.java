package dev.kindling.nn;

import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;

/** What the outputs of a batch should have been. */
public sealed interface Targets {

  /** A class of each sample, [n], each in [0, classes). */
  record Labels(IntTensor labels) implements Targets {}

  /** Values of each sample, [n, ...]. */
  record Values(Tensor values) implements Targets {}
}
