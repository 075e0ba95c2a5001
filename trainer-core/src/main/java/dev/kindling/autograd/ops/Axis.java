package dev.kindling.autograd.ops;

import dev.kindling.kernel.ConvolutionLayout;
import dev.kindling.tensor.Heap;

/**
 * How a window slides along one dimension: output {@code o} reads the inputs {@code o * stride -
 * before + k * dilation} for k in [0, kernel); outside the input stands zero. Immutable.
 *
 * @param kernel inputs that an output reads
 * @param stride how far apart neighbouring windows start
 * @param before zeros put in before the first input
 * @param after zeros put in after the last
 * @param dilation how far apart the inputs of a window stand
 */
public record Axis(int kernel, int stride, int before, int after, int dilation) {
  /** A dimension along which nothing slides: every output reads its own input. */
  public static final Axis SINGLE = new Axis(1, 1, 0, 0, 1);

  /** Checks the sizes. */
  public Axis {
    if (kernel < 1 || stride < 1 || dilation < 1 || before < 0 || after < 0) {
      throw new IllegalArgumentException(
          "window: kernel %d, stride %d and dilation %d must be at least 1, padding %d and %d at least 0"
              .formatted(kernel, stride, dilation, before, after));
    }
    long span = (long) dilation * (kernel - 1) + 1;
    if (span > Heap.LONGEST || (long) before + after > Heap.LONGEST) {
      throw new IllegalArgumentException(
          "window: kernel %d with dilation %d spans %d, padding adds %d; the most is %d of each"
              .formatted(kernel, dilation, span, (long) before + after, Heap.LONGEST));
    }
  }

  /** Outputs of so many inputs; below 1 where the window does not fit. */
  public int outputs(int inputs) {
    long padded = (long) inputs + before + after;
    return size(Math.floorDiv(padded - span(), (long) stride) + 1);
  }

  /** Inputs of a transposed convolution that makes of {@code outputs} ones. */
  public int inputs(int outputs, int outputPadding) {
    return size((outputs - 1L) * stride - before - after + span() + outputPadding);
  }

  /** What no shape can have stays so: a shape refuses it. */
  private static int size(long size) {
    return (int) Math.max(Integer.MIN_VALUE, Math.min(size, Integer.MAX_VALUE));
  }

  /** Inputs from the first that a window reads to the last. */
  public int span() {
    return dilation * (kernel - 1) + 1;
  }

  /** For the kernels. */
  ConvolutionLayout.Line line(int inputs, int outputs) {
    return new ConvolutionLayout.Line(inputs, outputs, kernel, stride, before, dilation, 1);
  }

  /** The input that place {@code k} of window {@code output} reads; may lie outside. */
  int input(int output, int k) {
    return output * stride - before + k * dilation;
  }

  /** The first output whose place {@code k} lies at or behind input 0. */
  int firstOutput(int k) {
    return Math.max(0, Math.floorDiv(before - k * dilation + stride - 1, stride));
  }

  /** One past the last output whose place {@code k} lies before the end of {@code inputs}. */
  int endOutput(int k, int inputs, int outputs) {
    int end = Math.floorDiv(inputs - 1 + before - k * dilation, stride) + 1;
    return Math.max(firstOutput(k), Math.min(outputs, end));
  }
}
