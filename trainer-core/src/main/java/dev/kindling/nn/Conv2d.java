package dev.kindling.nn;

import dev.kindling.autograd.ops.Convolution;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[n, o, h, w] = bias[o] + sum over c, i, j of weight[o, c, i, j] * x[n, c, h', w']}, where
 * (h', w') is place (i, j) of the {@link Window} at (h, w). Shapes [n, in, h, w] -> [n, out, h',
 * w']; {@code weight} [out, in / groups, kernel, kernel] and {@code bias} [out] start uniform in
 * +-1/sqrt(in / groups * kernel * kernel). Stride 1, no padding, one group unless given.
 */
public final class Conv2d extends ConvolutionLayer {
  private static final long serialVersionUID = 1L;

  /** With a square window, a bias and one group. */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel));
  }

  /** With a bias and one group. */
  public Conv2d(int in, int out, Window window) {
    this(in, out, window, 1, true);
  }

  /** With or without a bias, in groups of channels that do not mix. */
  public Conv2d(int in, int out, Window window, int groups, boolean hasBias) {
    super(in, out, window, groups, hasBias, 2, false);
  }

  Conv2d(Spec spec) {
    super(
        spec.allow("in", "out", "kernel", "stride", "padding", "dilation", "groups", "bias"),
        2,
        false);
  }

  @Override
  public Tensor forward(Tensor x) {
    return Convolution.of(x, weight(), bias(), window().axis(0), window().axis(1), groups());
  }
}
