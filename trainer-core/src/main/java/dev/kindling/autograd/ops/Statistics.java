package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/** Means, variances and norms over dimensions, made of other operations. */
public final class Statistics {
  private Statistics() {}

  /** {@code sum / count} over some dimensions, which stay with size 1. */
  public static Tensor mean(Tensor x, int... dimensions) {
    return Reduction.sumKeepDim(x, dimensions).div(x.shape().elements(dimensions));
  }

  /**
   * {@code sum of (x - mean)^2 / (count - correction)} over some dimensions, which stay with size
   * 1. A correction of 1 makes the estimate unbiased.
   */
  public static Tensor variance(Tensor x, int correction, int... dimensions) {
    Tensor squares = x.sub(mean(x, dimensions)).square();
    int degrees = x.shape().elements(dimensions) - correction;
    return Reduction.sumKeepDim(squares, dimensions).div(Math.max(0, degrees));
  }

  /** {@code sqrt(sum of x^2)} over some dimensions, which stay with size 1; gradient 0 at 0. */
  public static Tensor norm2(Tensor x, int... dimensions) {
    Tensor squares = Reduction.sumKeepDim(x.square(), dimensions);
    return Tensor.where(squares.gt(0), root(squares), squares);
  }

  /** A root whose argument is 1 where the square is 0, so that no gradient becomes infinite. */
  private static Tensor root(Tensor squares) {
    return Tensor.where(squares.eq(0), Tensor.scalar(1), squares).sqrt();
  }
}
