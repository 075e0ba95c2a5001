package dev.kindling.autograd.ops;

import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/** Walks over tensors whose elements do not stand side by side. */
final class Strided {
  private static final Kernels KERNELS = Kernels.best();

  /** Fewer neighbours are copied one by one. */
  private static final int FEWEST = 4;

  private Strided() {}

  /** The strides with which {@code x} is read as the larger shape: 0 where it is stretched. */
  static int[] broadcastStrides(Tensor x, Shape larger) {
    int[] strides = new int[larger.rank()];
    int lead = larger.rank() - x.shape().rank();
    for (int i = lead; i < strides.length; i++) {
      strides[i] = x.shape().size(i - lead) == 1 ? 0 : x.stride(i - lead);
    }
    return strides;
  }

  /** Sets every element of a row-major tensor. */
  static void fill(Tensor y, float value) {
    Arrays.fill(y.array(), y.offset(), y.offset() + y.shape().elements(), value);
  }

  /** Copies every element of {@code x} to {@code to}, laid out with the given strides. */
  static void copy(Tensor x, float[] to, int toOffset, int[] toStrides) {
    if (x.shape().elements() > 0) {
      copy(x, 0, x.array(), x.offset(), to, toOffset, toStrides);
    }
  }

  private static void copy(
      Tensor x, int dimension, float[] from, int fromAt, float[] to, int toAt, int[] toStrides) {
    if (dimension == x.shape().rank()) {
      to[toAt] = from[fromAt];
      return;
    }
    int size = x.shape().size(dimension);
    int fromStride = x.stride(dimension);
    int toStride = toStrides[dimension];
    if (dimension == x.shape().rank() - 1) {
      copyRow(size, from, fromAt, fromStride, to, toAt, toStride);
      return;
    }
    if (dimension == x.shape().rank() - 2) {
      int row = x.shape().size(dimension + 1);
      int fromNext = x.stride(dimension + 1);
      int toNext = toStrides[dimension + 1];
      if (fromStride == row * fromNext && toStride == row * toNext) {
        copyRow(size * row, from, fromAt, fromNext, to, toAt, toNext);
        return;
      }
    }
    if (isTransposed(x, dimension, toStrides)) {
      int columns = columns(x, dimension);
      int last = x.shape().rank() - 1;
      KERNELS.transpose(columns, size, from, fromAt, x.stride(last), to, toAt, toStride);
      return;
    }
    for (int i = 0; i < size; i++) {
      copy(x, dimension + 1, from, fromAt + i * fromStride, to, toAt + i * toStride, toStrides);
    }
  }

  /** Whether a dimension that stands side by side in x changes places with all behind it. */
  private static boolean isTransposed(Tensor x, int dimension, int[] toStrides) {
    int last = x.shape().rank() - 1;
    boolean isSwapped = x.stride(dimension) == 1 && toStrides[last] == 1;
    for (int d = dimension + 1; d < last; d++) {
      int inner = x.size(d + 1);
      isSwapped &= x.stride(d) == inner * x.stride(d + 1);
      isSwapped &= toStrides[d] == inner * toStrides[d + 1];
    }
    return isSwapped && dimension < last && x.size(dimension) >= FEWEST;
  }

  private static int columns(Tensor x, int dimension) {
    int product = 1;
    for (int d = dimension + 1; d < x.shape().rank(); d++) {
      product *= x.size(d);
    }
    return product;
  }

  private static void copyRow(
      int size, float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride) {
    if (fromStride == 1 && toStride == 1) {
      System.arraycopy(from, fromAt, to, toAt, size);
      return;
    }
    for (int i = 0; i < size; i++) {
      to[toAt + i * toStride] = from[fromAt + i * fromStride];
    }
  }

  /** Copies a row-major tensor into the result, unless the result took its place. */
  static void copyUnlessThere(Tensor x, Tensor y) {
    if (x.array() != y.array() || x.offset() != y.offset()) {
      System.arraycopy(x.array(), x.offset(), y.array(), y.offset(), x.shape().elements());
    }
  }

  /** Adds every element of {@code x} to one of {@code to}, laid out with the given strides. */
  static void add(Tensor x, float[] to, int toOffset, int[] toStrides) {
    if (x.shape().elements() > 0) {
      add(x, 0, x.offset(), to, toOffset, toStrides);
    }
  }

  private static void add(
      Tensor x, int dimension, int fromAt, float[] to, int toAt, int[] toStrides) {
    float[] from = x.array();
    if (dimension == x.shape().rank()) {
      to[toAt] += from[fromAt];
      return;
    }
    int size = x.shape().size(dimension);
    int fromStride = x.stride(dimension);
    int toStride = toStrides[dimension];
    if (dimension == x.shape().rank() - 1 && fromStride == 1 && toStride == 1) {
      KERNELS.add(to, toAt, from, fromAt, to, toAt, size);
      return;
    }
    for (int i = 0; i < size; i++) {
      add(x, dimension + 1, fromAt + i * fromStride, to, toAt + i * toStride, toStrides);
    }
  }
}
