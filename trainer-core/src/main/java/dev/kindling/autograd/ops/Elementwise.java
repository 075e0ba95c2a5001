package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * {@code y[i] = f(a[i], b[i], ...)} with broadcasting. A subclass gives f as a loop over one index
 * that is the same in every array: only such loops become vector instructions. Tensors that do not
 * stand so are brought together block by block.
 */
abstract class Elementwise extends Op {
  private static final int BLOCK = 512;

  private int[] sizes;
  private int[][] strides;
  private int[] place;
  private final float[][] arrays;
  private final int[] at;
  private float[][] staged;

  Elementwise(Tensor... inputs) {
    super(inputs);
    arrays = new float[inputs.length][];
    at = new int[inputs.length];
  }

  /** {@code y[i] = f(x[0][i], x[1][i], ...)} for i from {@code from} to {@code to} (excluded). */
  abstract void elements(float[][] x, float[] y, int from, int to);

  /** The result, of the shape that the inputs broadcast to. */
  final Tensor broadcast() {
    Shape shape = input(0).shape();
    for (int i = 1; i < inputs().size(); i++) {
      shape = Shape.broadcast(name().toLowerCase(Locale.ROOT), shape, input(i).shape());
    }
    layOut(shape);
    return apply(shape);
  }

  /** Merges dimensions that are one in every input, so that rows are as long as can be. */
  private void layOut(Shape shape) {
    int[][] all = new int[arrays.length][];
    for (int k = 0; k < all.length; k++) {
      all[k] = Strided.broadcastStrides(input(k), shape);
    }
    sizes = new int[Math.max(1, shape.rank())];
    strides = new int[arrays.length][sizes.length];
    int last = sizes.length - 1;
    int first = last;
    sizes[last] = 1;
    for (int d = shape.rank() - 1; d >= 0; d--) {
      int size = shape.size(d);
      if (size != 1 && sizes[first] != 1 && !continues(all, d, first)) {
        first--;
        sizes[first] = 1;
      }
      if (size != 1) {
        for (int k = 0; sizes[first] == 1 && k < all.length; k++) {
          strides[k][first] = all[k][d];
        }
        sizes[first] *= size;
      }
    }
    sizes = Arrays.copyOfRange(sizes, first, sizes.length);
    for (int k = 0; k < all.length; k++) {
      strides[k] = Arrays.copyOfRange(strides[k], first, first + sizes.length);
    }
    place = new int[sizes.length];
    staged = new float[all.length + 1][Math.min(BLOCK, sizes[sizes.length - 1])];
  }

  /** Whether dimension {@code d} goes on where the merged dimension {@code merged} ends. */
  private boolean continues(int[][] all, int d, int merged) {
    for (int k = 0; k < all.length; k++) {
      if (all[k][d] != strides[k][merged] * sizes[merged]) {
        return false;
      }
    }
    return true;
  }

  @Override
  protected final void run() {
    for (int k = 0; k < arrays.length; k++) {
      arrays[k] = input(k).array();
      at[k] = input(k).offset();
    }
    int count = output().shape().elements();
    int start = output().offset();
    if (standAlike(start)) {
      elements(arrays, output().array(), start, start + count);
    } else if (count > 0) {
      rows(output().array(), start, start + count);
    }
  }

  @Override
  protected final boolean canOverwrite(int input) {
    return true;
  }

  private boolean standAlike(int start) {
    boolean alike = sizes.length == 1;
    for (int k = 0; alike && k < at.length; k++) {
      alike = strides[k][0] == 1 && at[k] == start;
    }
    return alike;
  }

  private void rows(float[] y, int from, int to) {
    int length = sizes[sizes.length - 1];
    Arrays.fill(place, 0);
    for (int row = from; row < to; row += length) {
      for (int i = 0; i < length; i += BLOCK) {
        block(i, Math.min(BLOCK, length - i), y, row + i);
      }
      advance();
    }
  }

  private void block(int i, int n, float[] y, int to) {
    for (int k = 0; k < at.length; k++) {
      int stride = strides[k][sizes.length - 1];
      stage(input(k).array(), at[k] + i * stride, stride, staged[k], n);
    }
    float[] result = staged[at.length];
    elements(staged, result, 0, n);
    System.arraycopy(result, 0, y, to, n);
  }

  private static void stage(float[] from, int at, int stride, float[] to, int n) {
    if (stride == 1) {
      System.arraycopy(from, at, to, 0, n);
    } else if (stride == 0) {
      Arrays.fill(to, 0, n, from[at]);
    } else {
      for (int i = 0; i < n; i++) {
        to[i] = from[at + i * stride];
      }
    }
  }

  /** Moves every input to its next row. */
  private void advance() {
    for (int d = sizes.length - 2; d >= 0; d--) {
      boolean wraps = ++place[d] == sizes[d];
      for (int k = 0; k < at.length; k++) {
        at[k] += wraps ? -strides[k][d] * (sizes[d] - 1) : strides[k][d];
      }
      if (!wraps) {
        return;
      }
      place[d] = 0;
    }
  }

  /** One input. */
  abstract static class Unary extends Elementwise {
    Unary(Tensor x) {
      super(x);
    }

    abstract void elements(float[] x, float[] y, int from, int to);

    @Override
    final void elements(float[][] x, float[] y, int from, int to) {
      elements(x[0], y, from, to);
    }
  }

  /** Two inputs. */
  abstract static class Binary extends Elementwise {
    Binary(Tensor a, Tensor b) {
      super(a, b);
    }

    abstract void elements(float[] a, float[] b, float[] y, int from, int to);

    @Override
    final void elements(float[][] x, float[] y, int from, int to) {
      elements(x[0], x[1], y, from, to);
    }
  }
}
