package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Other ways to look at the same elements: reshape, permute, slice, flip, expand. Only {@link
 * #copy} moves elements.
 */
public final class View {
  private View() {}

  /** The same elements with other sizes; one of them may be -1: what is left. */
  public static Tensor reshape(Tensor x, int... sizes) {
    Shape shape = x.shape().reshaped(sizes);
    return shape.equals(x.shape())
        ? x
        : new Reshape(x.contiguous()).as(shape, shape.rowMajorStrides());
  }

  /** A dimension of size 1 put in before {@code dimension}, which may be one past the last. */
  public static Tensor unsqueeze(Tensor x, int dimension) {
    int rank = x.shape().rank();
    int at = dimension < 0 ? dimension + rank + 1 : dimension;
    if (at < 0 || at > rank) {
      throw new ShapeException(
          "unsqueeze: dimension %d of %s: use %d to %d"
              .formatted(dimension, x.shape(), -rank - 1, rank));
    }
    return new Reshape(x).as(x.shape().insert(at, 1), inserted(x.strides(), at));
  }

  private static int[] inserted(int[] strides, int at) {
    int[] more = Arrays.copyOf(strides, strides.length + 1);
    System.arraycopy(strides, at, more, at + 1, strides.length - at);
    more[at] = 1;
    return more;
  }

  /** Without some dimensions, each of size 1. */
  public static Tensor squeeze(Tensor x, int... dimensions) {
    int[] gone = Arrays.stream(dimensions).map(d -> x.shape().dimension("squeeze", d)).toArray();
    for (int d : gone) {
      if (x.size(d) != 1) {
        throw new ShapeException(
            "squeeze: dimension %d of %s has size %d; only a size of 1 can vanish; select one of them, or reshape"
                .formatted(d, x.shape(), x.size(d)));
      }
    }
    int[] rest =
        IntStream.range(0, x.shape().rank())
            .filter(d -> Arrays.stream(gone).noneMatch(other -> other == d))
            .toArray();
    int[] sizes = Arrays.stream(rest).map(x::size).toArray();
    return new Reshape(x).as(Shape.of(sizes), Arrays.stream(rest).map(x::stride).toArray());
  }

  /** The dimensions in another order: dimension i of the result is {@code order[i]} of x. */
  public static Tensor permute(Tensor x, int... order) {
    int[] resolved = Arrays.stream(order).map(d -> x.shape().dimension("permute", d)).toArray();
    int[] sorted = Arrays.stream(resolved).sorted().distinct().toArray();
    if (order.length != x.shape().rank() || sorted.length != order.length) {
      throw new ShapeException(
          "permute: %s by %s: each of the %d dimensions must be named once"
              .formatted(x.shape(), Arrays.toString(order), x.shape().rank()));
    }
    return new Permute(x, resolved).apply();
  }

  /** Two dimensions exchanged. */
  public static Tensor transpose(Tensor x, int first, int second) {
    int[] order = IntStream.range(0, x.shape().rank()).toArray();
    int one = x.shape().dimension("transpose", first);
    int other = x.shape().dimension("transpose", second);
    order[one] = other;
    order[other] = one;
    return new Permute(x, order).apply();
  }

  /** The elements of some dimensions in reverse order. */
  public static Tensor flip(Tensor x, int... dimensions) {
    return new Flip(x, dimensions).apply();
  }

  /** Elements {@code from} to {@code to} (excluded) of one dimension. */
  public static Tensor slice(Tensor x, int dimension, int from, int to) {
    int at = x.shape().dimension("slice", dimension);
    if (from < 0 || from > to || to > x.shape().size(at)) {
      throw new ShapeException(
          "slice: elements %d to %d of dimension %d of %s: it has %d; use 0 to %d, the first no larger"
              .formatted(from, to, dimension, x.shape(), x.size(at), x.size(at)));
    }
    return new Slice(x, at, from, to).apply();
  }

  /** Stretched to a larger shape as broadcasting does. */
  public static Tensor expand(Tensor x, Shape larger) {
    if (x.shape().equals(larger)) {
      return x;
    }
    if (!Shape.broadcast("expand", x.shape(), larger).equals(larger)) {
      throw new ShapeException(
          "expand: %s does not stretch to %s: only sizes of 1 stretch; reshape it before"
              .formatted(x.shape(), larger));
    }
    return new Expand(x).as(larger);
  }

  /** A row-major copy without gaps. */
  public static Tensor copy(Tensor x) {
    return new Copy(x).apply();
  }

  private abstract static class ViewOp extends Op {
    ViewOp(Tensor x) {
      super(x);
    }

    @Override
    protected boolean computes() {
      return false;
    }

    @Override
    protected void run() {}
  }

  private static final class Reshape extends ViewOp {
    Reshape(Tensor x) {
      super(x);
    }

    Tensor as(Shape shape, int[] strides) {
      return applyView(shape, strides, input(0).offsetInStorage());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.reshape(input(0).shape().toArray());
    }
  }

  private static final class Permute extends ViewOp {
    private final int[] order;

    Permute(Tensor x, int[] order) {
      super(x);
      this.order = order;
    }

    Tensor apply() {
      Tensor x = input(0);
      int[] sizes = Arrays.stream(order).map(x::size).toArray();
      int[] strides = Arrays.stream(order).map(x::stride).toArray();
      return applyView(Shape.of(sizes), strides, x.offsetInStorage());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      int[] back = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        back[order[i]] = i;
      }
      return permute(g, back);
    }
  }

  private static final class Flip extends ViewOp {
    private final int[] dimensions;

    Flip(Tensor x, int[] dimensions) {
      super(x);
      this.dimensions = dimensions;
    }

    Tensor apply() {
      Tensor x = input(0);
      int[] strides = x.strides();
      int offset = x.offsetInStorage();
      for (int dimension : dimensions) {
        int at = x.shape().dimension("flip", dimension);
        offset += Math.max(0, x.size(at) - 1) * strides[at];
        strides[at] = -strides[at];
      }
      return applyView(x.shape(), strides, offset);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return flip(g, dimensions);
    }
  }

  private static final class Slice extends ViewOp {
    private final int dimension;
    private final int from;
    private final int to;

    Slice(Tensor x, int dimension, int from, int to) {
      super(x);
      this.dimension = dimension;
      this.from = from;
      this.to = to;
    }

    Tensor apply() {
      Tensor x = input(0);
      return applyView(
          x.shape().with(dimension, to - from),
          x.strides(),
          x.offsetInStorage() + from * x.stride(dimension));
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return Padding.embed(g, input(0).shape(), starts(), 0);
    }

    @Override
    protected Tensor accumulate(int input, Tensor g, Tensor sum) {
      return sum == null ? gradient(input, g) : AddInto.of(sum, g, starts());
    }

    private int[] starts() {
      int[] starts = new int[input(0).shape().rank()];
      starts[dimension] = from;
      return starts;
    }
  }

  private static final class Expand extends ViewOp {
    Expand(Tensor x) {
      super(x);
    }

    Tensor as(Shape larger) {
      return applyView(
          larger, Strided.broadcastStrides(input(0), larger), input(0).offsetInStorage());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }

  private static final class Copy extends Op {
    private final int[] strides;

    Copy(Tensor x) {
      super(x);
      this.strides = x.shape().rowMajorStrides();
    }

    Tensor apply() {
      return apply(input(0).shape());
    }

    @Override
    protected void run() {
      Strided.copy(input(0), output().array(), output().offset(), strides);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }
}
