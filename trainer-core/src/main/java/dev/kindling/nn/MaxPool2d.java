package dev.kindling.nn;

import dev.kindling.autograd.ops.MaxPool;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * The largest input of each {@link Window}; padding never wins. Shapes [n, c, h, w] -> [n, c, h',
 * w']. The stride is the window's size unless given.
 */
public final class MaxPool2d extends Module {
  private static final long serialVersionUID = 1L;

  private final Window window;

  /** Square windows side by side. */
  public MaxPool2d(int kernel) {
    this(Window.of(kernel).stride(kernel));
  }

  /** Windows that slide as given. */
  public MaxPool2d(Window window) {
    this.window = window;
  }

  static MaxPool2d of(Spec spec) {
    spec.allow("kernel", "stride", "padding", "dilation");
    List<Integer> kernel = spec.integers("kernel");
    return new MaxPool2d(Window.read(spec, kernel));
  }

  @Override
  public Tensor forward(Tensor x) {
    return MaxPool.of(x, window.axis(0), window.axis(1));
  }

  @Override
  protected Spec describe() {
    return window.write(Spec.of("MaxPool2d"), window.kernel());
  }
}
