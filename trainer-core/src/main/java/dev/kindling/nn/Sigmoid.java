package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = 1 / (1 + e^-x)}. */
public final class Sigmoid extends Module {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor forward(Tensor x) {
    return x.sigmoid();
  }

  @Override
  protected Spec describe() {
    return Spec.of("Sigmoid");
  }
}
