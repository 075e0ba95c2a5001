package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * Elements found by index, and put back by index. Indices are read when an operation runs, so a
 * replayed one sees the indices of the next batch. What falls on the same place is added up in the
 * order of the indices.
 */
public final class Indexing {
  private Indexing() {}

  /** {@code y[.., i, ..] = x[.., index[i], ..]} along a dimension; index [n]. */
  public static Tensor select(Tensor x, int dimension, IntTensor index) {
    int at = x.shape().dimension("index_select", dimension);
    if (index.shape().rank() != 1) {
      throw new ShapeException(
          "index_select: index %s has %d dimensions; 1 is needed; reshape it"
              .formatted(index.shape(), index.shape().rank()));
    }
    return new Select(x.contiguous(), at, index).apply();
  }

  /** {@code y[a, i, b] = x[a, index[a, i, b], b]} along a dimension; y has the index's shape. */
  public static Tensor gather(Tensor x, int dimension, IntTensor index) {
    int at = x.shape().dimension("gather", dimension);
    check("gather", x.shape(), at, index.shape(), index.shape());
    return new Gather(x.contiguous(), at, index).apply(index.shape());
  }

  /** {@code y = x, and y[a, index[a, i, b], b] += source[a, i, b]} along a dimension. */
  public static Tensor scatterAdd(Tensor x, int dimension, IntTensor index, Tensor source) {
    int at = x.shape().dimension("scatter_add", dimension);
    check("scatter_add", x.shape(), at, index.shape(), source.shape());
    return x.add(scatter(source, x.shape(), at, index));
  }

  /** Zeros, with the elements of {@code source} added where the index says. */
  static Tensor scatter(Tensor source, Shape whole, int dimension, IntTensor index) {
    return new Scatter(source.contiguous(), whole, dimension, index).apply(whole);
  }

  private static void check(String name, Shape x, int dimension, Shape index, Shape source) {
    boolean fits = x.rank() == index.rank() && index.equals(source);
    fits = fits && x.with(dimension, index.size(dimension)).equals(index);
    if (!fits) {
      throw new ShapeException(
          "%s: %s by %s (elements %s) along dimension %d: only that size may differ; reshape or expand the index"
              .formatted(name, x, index, source, dimension));
    }
  }

  private static int checked(String name, int index, int size) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          "%s: index %d is outside [0, %d)".formatted(name, index, size));
    }
    return index;
  }

  /** How many elements one step along a dimension skips. */
  private static int inner(Shape shape, int dimension) {
    return shape.rowMajorStrides()[dimension];
  }

  private static final class Select extends Op {
    private final int dimension;
    private final IntTensor index;
    private final int inner;

    Select(Tensor x, int dimension, IntTensor index) {
      super(x);
      this.dimension = dimension;
      this.index = index;
      this.inner = inner(x.shape(), dimension);
    }

    Tensor apply() {
      return apply(input(0).shape().with(dimension, index.shape().size(0)));
    }

    @Override
    protected List<Op> reads() {
      return index.creators();
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      int size = x.size(dimension);
      int count = index.shape().size(0);
      int blocks = count == 0 || inner == 0 ? 0 : output().shape().elements() / (count * inner);
      int to = output().offset();
      for (int block = 0; block < blocks; block++) {
        int from = x.offset() + block * size * inner;
        for (int i = 0; i < count; i++, to += inner) {
          int at = from + checked("index_select", index.get(i), size) * inner;
          System.arraycopy(x.array(), at, output().array(), to, inner);
        }
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return new AddAt(g.contiguous(), input(0).shape(), dimension, index).apply();
    }

    @Override
    public String name() {
      return "IndexSelect";
    }
  }

  /** The gradient of a selection: zeros, with the parts added where they came from. */
  private static final class AddAt extends Op {
    private final Shape whole;
    private final int dimension;
    private final IntTensor index;
    private final int inner;

    AddAt(Tensor parts, Shape whole, int dimension, IntTensor index) {
      super(parts);
      this.whole = whole;
      this.dimension = dimension;
      this.index = index;
      this.inner = inner(whole, dimension);
    }

    Tensor apply() {
      return apply(whole);
    }

    @Override
    protected List<Op> reads() {
      return index.creators();
    }

    @Override
    protected void run() {
      Tensor parts = input(0);
      Strided.fill(output(), 0);
      int size = whole.size(dimension);
      int count = index.shape().size(0);
      int blocks = count == 0 || inner == 0 ? 0 : parts.shape().elements() / (count * inner);
      int from = parts.offset();
      for (int block = 0; block < blocks; block++) {
        int to = output().offset() + block * size * inner;
        for (int i = 0; i < count; i++, from += inner) {
          int at = to + checked("index_select", index.get(i), size) * inner;
          addTo(output().array(), at, parts.array(), from, inner);
        }
      }
    }

    private static void addTo(float[] sum, int at, float[] part, int from, int n) {
      for (int i = 0; i < n; i++) {
        sum[at + i] += part[from + i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return select(g, dimension, index);
    }

    @Override
    public String name() {
      return "IndexSelectGradient";
    }
  }

  private static final class Gather extends Op {
    private final int dimension;
    private final IntTensor index;
    private final int inner;

    Gather(Tensor x, int dimension, IntTensor index) {
      super(x);
      this.dimension = dimension;
      this.index = index;
      this.inner = inner(x.shape(), dimension);
    }

    @Override
    protected List<Op> reads() {
      return index.creators();
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      int size = x.size(dimension);
      int block = index.shape().size(dimension) * inner;
      int to = output().offset();
      for (int i = 0; i < index.shape().elements(); i++) {
        int at = checked("gather", index.get(i), size);
        int from = x.offset() + (i / block * size + at) * inner + i % inner;
        output().array()[to + i] = x.array()[from];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return scatter(g, input(0).shape(), dimension, index);
    }
  }

  /** Zeros, with the elements added where the index says. */
  private static final class Scatter extends Op {
    private final Shape whole;
    private final int dimension;
    private final IntTensor index;
    private final int inner;

    Scatter(Tensor source, Shape whole, int dimension, IntTensor index) {
      super(source);
      this.whole = whole;
      this.dimension = dimension;
      this.index = index;
      this.inner = inner(whole, dimension);
    }

    @Override
    protected List<Op> reads() {
      return index.creators();
    }

    @Override
    protected void run() {
      Tensor source = input(0);
      Strided.fill(output(), 0);
      int size = whole.size(dimension);
      int block = index.shape().size(dimension) * inner;
      for (int i = 0; i < index.shape().elements(); i++) {
        int at = checked("scatter_add", index.get(i), size);
        int to = output().offset() + (i / block * size + at) * inner + i % inner;
        output().array()[to] += source.array()[source.offset() + i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return gather(g, dimension, index);
    }

    @Override
    public String name() {
      return "ScatterAdd";
    }
  }
}
