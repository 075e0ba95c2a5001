package dev.kindling.tensor;

import java.util.Locale;

/**
 * A tensor as PyTorch prints it: four digits, or none where all elements are whole, or powers of
 * ten where they differ much; only the ends of dimensions when there are more than 1000 elements.
 */
final class TensorText {
  private static final int SHORTEN_ABOVE = 1000;
  private static final int ENDS = 3;
  private static final String START = "tensor(";

  private final Shape shape;
  private final float[] elements;
  private final int[] strides;
  private final boolean isShort;
  private final StringBuilder text = new StringBuilder(START);
  private String format = "%.4f";
  private int width;

  private TensorText(Tensor tensor) {
    shape = tensor.shape();
    elements = tensor.toArray();
    strides = shape.rowMajorStrides();
    isShort = elements.length > SHORTEN_ABOVE;
  }

  static String of(Tensor tensor) {
    TensorText text = new TensorText(tensor);
    text.chooseFormat();
    text.append(0, 0);
    return text.text.append(")").toString();
  }

  private void chooseFormat() {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = 0;
    boolean allWhole = true;
    for (float element : elements) {
      double size = Math.abs(element);
      if (element != 0 && Float.isFinite(element)) {
        smallest = Math.min(smallest, size);
        largest = Math.max(largest, size);
        allWhole &= element == Math.rint(element);
      }
    }
    boolean isWide = largest / smallest > 1000 || largest > 1e8;
    if (allWhole) {
      format = isWide && largest > 1e8 ? "%.4e" : "%.0f.";
    } else if (isWide || smallest < 1e-4) {
      format = "%.4e";
    }
    for (float element : elements) {
      width = Math.max(width, number(element).length());
    }
  }

  private String number(float element) {
    if (Float.isNaN(element)) {
      return "nan";
    }
    if (Float.isInfinite(element)) {
      return element > 0 ? "inf" : "-inf";
    }
    return String.format(Locale.ROOT, format, element);
  }

  private void append(int depth, int at) {
    if (depth == shape.rank()) {
      String number = number(elements[at]);
      text.append(" ".repeat(depth == 0 ? 0 : width - number.length())).append(number);
      return;
    }
    text.append("[");
    int size = shape.size(depth);
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        separate(depth);
      }
      if (isShort && size > 2 * ENDS && i == ENDS) {
        text.append("...");
        separate(depth);
        i = size - ENDS;
      }
      append(depth + 1, at + i * strides[depth]);
    }
    text.append("]");
  }

  /** A space inside a row; between rows a new line, and an empty one for each outer dimension. */
  private void separate(int depth) {
    int below = shape.rank() - 1 - depth;
    text.append(",");
    if (below == 0) {
      text.append(" ");
    } else {
      text.append("\n".repeat(below)).append(" ".repeat(START.length() + depth + 1));
    }
  }
}
