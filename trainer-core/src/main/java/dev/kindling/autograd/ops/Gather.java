package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/** {@code y[i] = x[i, label[i]]}: one element of each row. */
final class Gather extends Op {
  private final IntTensor labels;

  private Gather(Tensor x, IntTensor labels) {
    super(x);
    this.labels = labels;
  }

  static Tensor labels(Tensor x, IntTensor labels) {
    return new Gather(x.contiguous(), labels).apply(Shape.of(x.size(0)));
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    for (int row = 0; row < x.size(0); row++) {
      output().array()[output().offset() + row] =
          x.array()[x.offset() + row * x.size(1) + labels.get(row)];
    }
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new Scatter(g.contiguous(), labels, input(0).shape()).apply(input(0).shape());
  }

  /** {@code y[i, label[i]] = x[i]}, zero elsewhere. */
  private static final class Scatter extends Op {
    private final IntTensor labels;
    private final Shape shape;

    Scatter(Tensor x, IntTensor labels, Shape shape) {
      super(x);
      this.labels = labels;
      this.shape = shape;
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      float[] y = output().array();
      int from = output().offset();
      Arrays.fill(y, from, from + shape.elements(), 0);
      for (int row = 0; row < shape.size(0); row++) {
        y[from + row * shape.size(1) + labels.get(row)] = x.array()[x.offset() + row];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return labels(g, labels);
    }
  }
}
