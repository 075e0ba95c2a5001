package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/** Sums over dimensions. A sum over side-by-side elements uses 16 lanes in a fixed order. */
public final class Reduction {
  private static final Kernels KERNELS = Kernels.best();

  private Reduction() {}

  /** Sum of all elements: a scalar. */
  public static Tensor sum(Tensor x) {
    return new RowSums(x.contiguous(), x.shape().elements()).apply(Shape.of());
  }

  /** Sum over some dimensions, which vanish. */
  public static Tensor sum(Tensor x, int... dimensions) {
    return over(x, dimensions, Reduction::sumOver);
  }

  /** One dimension after the other, the last first. */
  private static Tensor over(Tensor x, int[] dimensions, OverOne one) {
    boolean[] isNamed = new boolean[x.shape().rank()];
    for (int dimension : dimensions) {
      int index = x.shape().dimension("sum, mean, max, min", dimension);
      if (isNamed[index]) {
        throw new ShapeException(
            "sum, mean, max, min: dimension %d of %s is named twice; name it once"
                .formatted(index, x.shape()));
      }
      isNamed[index] = true;
    }
    Tensor result = x;
    for (int d = isNamed.length - 1; d >= 0; d--) {
      if (isNamed[d]) {
        result = one.over(result, d);
      }
    }
    return result;
  }

  private interface OverOne {
    Tensor over(Tensor x, int dimension);
  }

  /** Sum over some dimensions, which stay with size 1. */
  public static Tensor sumKeepDim(Tensor x, int... dimensions) {
    return sum(x, dimensions).reshape(kept(x.shape(), dimensions));
  }

  /** The sizes with 1 for some dimensions. */
  public static int[] kept(Shape shape, int... dimensions) {
    int[] sizes = shape.toArray();
    for (int dimension : dimensions) {
      sizes[shape.dimension(dimension)] = 1;
    }
    return sizes;
  }

  /** Largest or smallest over some dimensions, which vanish. */
  public static Tensor extreme(Tensor x, boolean isLargest, int... dimensions) {
    return over(x, dimensions, (y, d) -> extremeOver(y, d, isLargest));
  }

  private static Tensor extremeOver(Tensor x, int dimension, boolean isLargest) {
    requireElements(x.shape(), dimension);
    return Extreme.topk(x, 1, dimension, isLargest).values().squeeze(dimension);
  }

  /**
   * Refuses to look for the most extreme of none.
   *
   * @throws ShapeException where the dimension has no elements
   */
  public static void requireElements(Shape shape, int dimension) {
    if (shape.size(dimension) == 0) {
      throw new ShapeException(
          "max, min, argmax, argmin: dimension %d of %s has no elements; leave empty batches out"
              .formatted(dimension, shape));
    }
  }

  private static Tensor sumOver(Tensor x, int dimension) {
    Shape rest = x.shape().without(dimension);
    int size = x.size(dimension);
    Tensor plain = x.contiguous();
    if (dimension == x.shape().rank() - 1) {
      return new RowSums(plain, size).apply(rest);
    }
    int columns = 1;
    for (int d = dimension + 1; d < x.shape().rank(); d++) {
      columns *= x.size(d);
    }
    return new ColumnSums(plain, size, columns, dimension).apply(rest);
  }

  /** Undoes broadcasting: sums over the dimensions in which {@code smaller} was stretched. */
  public static Tensor sumTo(Tensor x, Shape smaller) {
    Tensor sum = x;
    while (sum.shape().rank() > smaller.rank()) {
      sum = sumOver(sum, 0);
    }
    for (int d = 0; d < smaller.rank(); d++) {
      if (smaller.size(d) == 1 && sum.size(d) != 1) {
        Shape kept = sum.shape().with(d, 1);
        sum = sumOver(sum, d).reshape(kept.toArray());
      }
    }
    return sum;
  }

  /** y[i] = sum of the i-th row of {@code length} elements. */
  private static final class RowSums extends Op {
    private final int length;

    RowSums(Tensor x, int length) {
      super(x);
      this.length = length;
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      Tensor y = output();
      KERNELS.rowSums(x.array(), x.offset(), y.shape().elements(), length, y.array(), y.offset());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      Shape shape = input(0).shape();
      if (g.shape().rank() == 0) {
        return g.expand(shape);
      }
      return g.reshape(g.shape().insert(g.shape().rank(), 1).toArray()).expand(shape);
    }
  }

  /** y[b, j] = sum over i of x[b, i, j]. */
  private static final class ColumnSums extends Op {
    private final int rows;
    private final int columns;
    private final int dimension;

    ColumnSums(Tensor x, int rows, int columns, int dimension) {
      super(x);
      this.rows = rows;
      this.columns = columns;
      this.dimension = dimension;
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      Tensor y = output();
      int blocks = columns == 0 ? 0 : y.shape().elements() / columns;
      for (int b = 0; b < blocks; b++) {
        KERNELS.columnSums(
            x.array(),
            x.offset() + b * rows * columns,
            rows,
            columns,
            columns,
            y.array(),
            y.offset() + b * columns);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.reshape(g.shape().insert(dimension, 1).toArray()).expand(input(0).shape());
    }
  }
}
