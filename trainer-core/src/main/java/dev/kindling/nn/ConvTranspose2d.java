package dev.kindling.nn;

import dev.kindling.autograd.ops.Axis;
import dev.kindling.autograd.ops.Convolution;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * The transpose of {@link Conv2d}, plus a bias: every input adds its multiple of the kernel to the
 * outputs that its window reads. Shapes [n, in, h, w] -> [n, out, h', w'] with {@code h' = (h - 1)
 * * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1}; {@code weight} [in, out /
 * groups, kernel, kernel] and {@code bias} [out] start uniform in +-1/sqrt(out / groups * kernel *
 * kernel).
 */
public final class ConvTranspose2d extends ConvolutionLayer {
  private static final long serialVersionUID = 1L;

  private final int outputPadding;

  /** With a bias and one group. */
  public ConvTranspose2d(int in, int out, Window window) {
    this(in, out, window, 1, true, 0);
  }

  /**
   * With or without a bias, in groups of channels that do not mix.
   *
   * @param outputPadding rows and columns added at the end of the output, which no input need reach
   */
  public ConvTranspose2d(
      int in, int out, Window window, int groups, boolean hasBias, int outputPadding) {
    super(in, out, window, groups, hasBias, 2, true);
    this.outputPadding = outputPadding;
  }

  ConvTranspose2d(Spec spec) {
    super(
        spec.allow(
            "in",
            "out",
            "kernel",
            "stride",
            "padding",
            "dilation",
            "groups",
            "bias",
            "output_padding"),
        2,
        true);
    this.outputPadding = spec.integer("output_padding", 0);
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.shape().rank() != 4 || x.size(1) != weight().size(0)) {
      throw new ShapeException(
          "%s: input %s must be [n,%d,h,w]; set in to its channels, permute or reshape it"
              .formatted(toSpec(), x.shape(), weight().size(0)));
    }
    Axis rows = window().axis(0);
    Axis columns = window().axis(1);
    int height = rows.inputs(x.size(2), outputPadding);
    int width = columns.inputs(x.size(3), outputPadding);
    Tensor y = Convolution.transposed(x, weight(), rows, columns, groups(), height, width);
    return bias() == null ? y : y.add(bias().reshape(-1, 1, 1));
  }

  @Override
  protected Spec describe() {
    return super.describe().with("output_padding", outputPadding, 0);
  }
}
