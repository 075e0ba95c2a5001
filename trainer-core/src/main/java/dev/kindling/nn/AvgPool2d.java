package dev.kindling.nn;

import dev.kindling.autograd.ops.AveragePool;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * The mean of the inputs of each {@link Window}; zeros of the padding count. Shapes [n, c, h, w] ->
 * [n, c, h', w']. The stride is the window's size unless given.
 */
public final class AvgPool2d extends Module {
  private static final long serialVersionUID = 1L;

  private final Window window;

  /** Square windows side by side. */
  public AvgPool2d(int kernel) {
    this(Window.of(kernel).stride(kernel));
  }

  /** Windows that slide as given. */
  public AvgPool2d(Window window) {
    this.window = window;
  }

  static AvgPool2d of(Spec spec) {
    spec.allow("kernel", "stride", "padding");
    List<Integer> kernel = spec.integers("kernel");
    return new AvgPool2d(Window.read(spec, kernel));
  }

  @Override
  public Tensor forward(Tensor x) {
    return AveragePool.of(x, window.axis(0), window.axis(1));
  }

  @Override
  protected Spec describe() {
    return window.write(Spec.of("AvgPool2d"), window.kernel());
  }
}
