package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = max(x, 0)}; the gradient at 0 is 0. */
public final class ReLU extends Module {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }

  @Override
  protected Spec describe() {
    return Spec.of("ReLU");
  }
}
