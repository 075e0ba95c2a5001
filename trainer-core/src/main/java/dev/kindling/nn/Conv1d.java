package dev.kindling.nn;

import dev.kindling.autograd.ops.Axis;
import dev.kindling.autograd.ops.Convolution;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[n, o, t] = bias[o] + sum over c, i of weight[o, c, i] * x[n, c, t']}, where t' is place
 * i of the {@link Window} at t. Shapes [n, in, t] -> [n, out, t']; {@code weight} [out, in /
 * groups, kernel] and {@code bias} [out] start uniform in +-1/sqrt(in / groups * kernel). Stride 1,
 * no padding, one group unless given.
 */
public final class Conv1d extends ConvolutionLayer {
  private static final long serialVersionUID = 1L;

  /** With a bias and one group. */
  public Conv1d(int in, int out, int kernel) {
    this(in, out, Window.of(kernel), 1, true);
  }

  /** With or without a bias, in groups of channels that do not mix. */
  public Conv1d(int in, int out, Window window, int groups, boolean hasBias) {
    super(in, out, window, groups, hasBias, 1, false);
  }

  Conv1d(Spec spec) {
    super(
        spec.allow("in", "out", "kernel", "stride", "padding", "dilation", "groups", "bias"),
        1,
        false);
  }

  @Override
  public Tensor forward(Tensor x) {
    int channels = weight().size(1) * groups();
    if (x.shape().rank() != 3 || x.size(1) != channels) {
      throw new ShapeException(
          "%s: input %s must be [n,%d,t]; set in to its channels, transpose(1, 2) or unsqueeze it"
              .formatted(toSpec(), x.shape(), channels));
    }
    Tensor image = x.unsqueeze(2);
    Tensor kernel = weight().unsqueeze(2);
    return Convolution.of(image, kernel, bias(), Axis.SINGLE, window().axis(0), groups())
        .squeeze(2);
  }
}
