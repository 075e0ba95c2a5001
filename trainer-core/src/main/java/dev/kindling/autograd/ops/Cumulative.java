package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Tensor;

/** {@code y[i] = x[0] + x[1] + ... + x[i]} along a dimension. */
public final class Cumulative extends Op {
  private final int dimension;
  private final int inner;

  private Cumulative(Tensor x, int dimension) {
    super(x);
    this.dimension = dimension;
    this.inner = x.shape().rowMajorStrides()[dimension];
  }

  /** The cumulative sums along a dimension. */
  public static Tensor sum(Tensor x, int dimension) {
    return new Cumulative(x.contiguous(), x.shape().dimension("cumsum", dimension))
        .apply(x.shape());
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    Tensor y = output();
    int block = inner * x.size(dimension);
    int shift = y.offset() - x.offset();
    for (int i = 0; i < x.shape().elements(); i++) {
      int at = x.offset() + i;
      float before = i % block < inner ? 0 : y.array()[at + shift - inner];
      y.array()[at + shift] = before + x.array()[at];
    }
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return sum(g.flip(dimension), dimension).flip(dimension);
  }
}
