package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tensors put side by side, and cut apart again. */
public final class Join {
  private Join() {}

  /** The tensors one after the other along a dimension; their other sizes are the same. */
  public static Tensor concat(List<Tensor> parts, int dimension) {
    if (parts.isEmpty()) {
      throw new ShapeException("concat: no tensors; at least one is needed");
    }
    int at = parts.get(0).shape().dimension("concat", dimension);
    return parts.size() == 1 ? parts.get(0) : new Concat(parts, at).apply();
  }

  /** The tensors, all of one shape, along a new dimension. */
  public static Tensor stack(List<Tensor> parts, int dimension) {
    for (Tensor part : parts) {
      if (!part.shape().equals(parts.get(0).shape())) {
        throw new ShapeException(
            "stack: %s and %s: all must have one shape; use concat, or pad or slice one"
                .formatted(parts.get(0).shape(), part.shape()));
      }
    }
    return concat(parts.stream().map(part -> part.unsqueeze(dimension)).toList(), dimension);
  }

  /** Parts of {@code size} elements along a dimension, the last one shorter where it must be. */
  public static List<Tensor> split(Tensor x, int size, int dimension) {
    if (size < 1) {
      throw new ShapeException("split: parts of %d; the size must be at least 1".formatted(size));
    }
    List<Tensor> parts = new ArrayList<>();
    int whole = x.size(x.shape().dimension("split", dimension));
    for (int from = 0; from < whole; from += size) {
      parts.add(x.slice(dimension, from, Math.min(whole, from + size)));
    }
    return parts;
  }

  /** Parts of the given sizes along a dimension; the sizes add up to the whole. */
  public static List<Tensor> split(Tensor x, int[] sizes, int dimension) {
    int at = x.shape().dimension("split", dimension);
    if (Arrays.stream(sizes).sum() != x.size(at)) {
      throw new ShapeException(
          "split: %s of dimension %d of %s: the sizes must add up to %d"
              .formatted(Arrays.toString(sizes), dimension, x.shape(), x.size(at)));
    }
    List<Tensor> parts = new ArrayList<>();
    int from = 0;
    for (int size : sizes) {
      parts.add(x.slice(at, from, from + size));
      from += size;
    }
    return parts;
  }

  private static final class Concat extends Op {
    private final int dimension;
    private final int[] starts;
    private final Shape shape;
    private final int[] strides;

    Concat(List<Tensor> parts, int dimension) {
      super(parts.toArray(Tensor[]::new));
      this.dimension = dimension;
      this.starts = new int[parts.size() + 1];
      Shape first = parts.get(0).shape();
      for (int i = 0; i < parts.size(); i++) {
        check(first, parts.get(i).shape(), dimension);
        starts[i + 1] = starts[i] + parts.get(i).size(dimension);
      }
      this.shape = first.with(dimension, starts[parts.size()]);
      this.strides = shape.rowMajorStrides();
    }

    private static void check(Shape first, Shape other, int dimension) {
      if (first.rank() != other.rank()
          || !first.with(dimension, other.size(dimension)).equals(other)) {
        throw new ShapeException(
            "concat: %s and %s along dimension %d: the other sizes must be the same; pad, slice or transpose one"
                .formatted(first, other, dimension));
      }
    }

    Tensor apply() {
      return apply(shape);
    }

    @Override
    protected void run() {
      for (int i = 0; i < inputs().size(); i++) {
        int at = output().offset() + starts[i] * strides[dimension];
        Strided.copy(input(i), output().array(), at, strides);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.slice(dimension, starts[input], starts[input + 1]);
    }
  }
}
