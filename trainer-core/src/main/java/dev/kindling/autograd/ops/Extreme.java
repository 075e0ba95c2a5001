package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * The k largest (or smallest) elements along a dimension, in order, and where they stand. Of equal
 * elements the first counts, and gets the whole gradient; NaN counts as more extreme than anything.
 */
public final class Extreme extends Op {
  private final int dimension;
  private final int inner;
  private final boolean isLargest;
  private final Shape shape;
  private final IntTensor indices;

  private Extreme(Tensor x, int k, int dimension, boolean isLargest) {
    super(x);
    this.dimension = dimension;
    this.inner = x.shape().rowMajorStrides()[dimension];
    this.isLargest = isLargest;
    this.shape = x.shape().with(dimension, k);
    this.indices =
        isRecorded()
            ? IntTensor.writtenBy(this, shape)
            : new IntTensor(shape, new int[shape.elements()]);
  }

  /**
   * The k largest or smallest along a dimension.
   *
   * @throws IllegalArgumentException unless the dimension has k elements
   */
  public static TopK topk(Tensor x, int k, int dimension, boolean isLargest) {
    int at = x.shape().dimension("topk", dimension);
    if (k < 0 || k > x.size(at)) {
      throw new IllegalArgumentException(
          "topk: k is %d; dimension %d of %s has %d elements"
              .formatted(k, dimension, x.shape(), x.size(at)));
    }
    Extreme op = new Extreme(x.contiguous(), k, at, isLargest);
    return new TopK(op.apply(op.shape), op.indices);
  }

  @Override
  protected void run() {
    int size = input(0).size(dimension);
    int k = shape.size(dimension);
    int rows = shape.elements() == 0 ? 0 : shape.elements() / k;
    float[] x = input(0).array();
    for (int row = 0; row < rows; row++) {
      int from = input(0).offset() + row / inner * size * inner + row % inner;
      int to = row / inner * k * inner + row % inner;
      for (int i = 0; i < size; i++) {
        insert(x[from + i * inner], i, to, Math.min(i, k));
      }
    }
  }

  /** Puts an element where it belongs among the {@code found} so far. */
  private void insert(float value, int index, int to, int found) {
    float[] y = output().array();
    int start = output().offset() + to;
    int[] at = indices.array();
    int place = found;
    while (place > 0 && isBefore(value, y[start + (place - 1) * inner])) {
      place--;
    }
    int last = Math.min(found, shape.size(dimension) - 1);
    for (int i = last; i > place; i--) {
      y[start + i * inner] = y[start + (i - 1) * inner];
      at[to + i * inner] = at[to + (i - 1) * inner];
    }
    if (place <= last) {
      y[start + place * inner] = value;
      at[to + place * inner] = index;
    }
  }

  private boolean isBefore(float value, float other) {
    if (Float.isNaN(value)) {
      return !Float.isNaN(other);
    }
    return isLargest ? value > other : value < other;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return Indexing.scatter(g, input(0).shape(), dimension, indices);
  }
}
