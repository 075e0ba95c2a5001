package dev.kindling.data;

import java.io.Serializable;

/** What a row's features are to predict: four bytes an element, whichever kind. Immutable. */
public sealed interface Target extends Serializable {

  /** The label that says that a position has none, PyTorch's {@code ignore_index}. */
  int NO_LABEL = -100;

  /** Elements of one row: a single label, a label per position, or a vector of values. */
  int length();

  /** One label in [0, classes). */
  static Target label(int classes) {
    return new Labels(classes, 1);
  }

  /** A vector of float values. */
  static Target values(int length) {
    return new Values(length);
  }

  /**
   * Integer labels.
   *
   * @param classes labels run from 0 to classes - 1
   * @param length number of labels of a row; more than one for sequences
   */
  record Labels(int classes, int length) implements Target {
    /** Checks the sizes. */
    public Labels {
      Checks.positive("target: classes", classes);
      Checks.positive("target: length", length);
    }
  }

  /**
   * Float values, as a regression predicts.
   *
   * @param length number of values of a row
   */
  record Values(int length) implements Target {
    /** Checks the size. */
    public Values {
      Checks.positive("target: length", length);
    }
  }
}
