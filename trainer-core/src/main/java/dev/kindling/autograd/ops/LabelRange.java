package dev.kindling.autograd.ops;

import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;

/** Refuses labels that are no classes before they become an index. */
final class LabelRange {
  private LabelRange() {}

  /**
   * Checks the labels of the rows of some outputs. Allocates nothing where they fit.
   *
   * @param ignored a label that counts for nothing and may lie outside
   * @throws IndexOutOfBoundsException naming the row, its label and the outputs
   */
  static void check(String operation, IntTensor labels, int ignored, Shape outputs) {
    int classes = outputs.size(1);
    for (int row = 0; row < outputs.size(0); row++) {
      int label = labels.get(row);
      if ((label < 0 || label >= classes) && label != ignored) {
        throw new IndexOutOfBoundsException(
            "%s: label %d of row %d; outputs %s have the classes 0 to %d: widen the last layer, or look at the labels"
                .formatted(operation, label, row, outputs, classes - 1));
      }
    }
  }
}
