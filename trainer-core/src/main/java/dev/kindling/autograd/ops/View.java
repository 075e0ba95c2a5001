package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * Other ways to look at the same elements: reshape, transpose, slice, expand. Only {@link #copy}
 * moves elements.
 */
public final class View {
  private View() {}

  /** The same elements with other sizes; one of them may be -1: what is left. */
  public static Tensor reshape(Tensor x, int... sizes) {
    Shape shape = resolve(x.shape(), sizes);
    return shape.equals(x.shape()) ? x : new Reshape(x.contiguous()).as(shape);
  }

  private static Shape resolve(Shape from, int... sizes) {
    int[] resolved = sizes.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] >= 0) {
        known *= sizes[i];
      } else if (unknown < 0) {
        unknown = i;
      } else {
        throw new ShapeException(
            "reshape: %s to %s: only one size can be -1".formatted(from, Arrays.toString(sizes)));
      }
    }
    if (unknown >= 0) {
      resolved[unknown] = known == 0 ? 0 : (int) (from.elements() / known);
      known *= resolved[unknown];
    }
    if (known != from.elements()) {
      throw new ShapeException(
          "reshape: %s has %d elements; %s has %d"
              .formatted(from, from.elements(), Arrays.toString(resolved), known));
    }
    return Shape.of(resolved);
  }

  /** Two dimensions exchanged. */
  public static Tensor transpose(Tensor x, int first, int second) {
    int a = x.shape().dimension(first);
    int b = x.shape().dimension(second);
    return new Transpose(x, a, b).apply();
  }

  /** Elements {@code from} to {@code to} (excluded) of one dimension. */
  public static Tensor slice(Tensor x, int dimension, int from, int to) {
    int at = x.shape().dimension(dimension);
    if (from < 0 || from > to || to > x.shape().size(at)) {
      throw new ShapeException(
          "slice: elements %d to %d of dimension %d of %s: it has %d"
              .formatted(from, to, dimension, x.shape(), x.shape().size(at)));
    }
    return new Slice(x, at, from, to).apply();
  }

  /** Stretched to a larger shape as broadcasting does. */
  public static Tensor expand(Tensor x, Shape larger) {
    if (x.shape().equals(larger)) {
      return x;
    }
    if (!Shape.broadcast("expand", x.shape(), larger).equals(larger)) {
      throw new ShapeException("expand: %s does not stretch to %s".formatted(x.shape(), larger));
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

    Tensor as(Shape shape) {
      return applyView(shape, shape.rowMajorStrides(), input(0).offsetInStorage());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.reshape(input(0).shape().toArray());
    }
  }

  private static final class Transpose extends ViewOp {
    private final int first;
    private final int second;

    Transpose(Tensor x, int first, int second) {
      super(x);
      this.first = first;
      this.second = second;
    }

    Tensor apply() {
      int[] sizes = input(0).shape().toArray();
      int[] strides = input(0).strides();
      return applyView(Shape.of(exchanged(sizes)), exchanged(strides), input(0).offsetInStorage());
    }

    private int[] exchanged(int[] values) {
      int keep = values[first];
      values[first] = values[second];
      values[second] = keep;
      return values;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return transpose(g, first, second);
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
      return new Embed(g, input(0).shape(), dimension, from).apply();
    }
  }

  /** The gradient of a slice: zeros, with the elements put in. */
  private static final class Embed extends Op {
    private final Shape whole;
    private final int dimension;
    private final int from;

    Embed(Tensor part, Shape whole, int dimension, int from) {
      super(part);
      this.whole = whole;
      this.dimension = dimension;
      this.from = from;
    }

    Tensor apply() {
      return apply(whole);
    }

    @Override
    protected void run() {
      Tensor part = input(0);
      int stride = whole.rowMajorStrides()[dimension];
      Strided.copy(
          part, output().array(), output().offset() + from * stride, whole.rowMajorStrides());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return slice(g, dimension, from, from + input(0).size(dimension));
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
    Copy(Tensor x) {
      super(x);
    }

    Tensor apply() {
      return apply(input(0).shape());
    }

    @Override
    protected void run() {
      Strided.copy(
          input(0), output().array(), output().offset(), input(0).shape().rowMajorStrides());
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }
}
