package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = tanh(x)}. */
public final class Tanh extends Module {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor forward(Tensor x) {
    return x.tanh();
  }

  @Override
  protected Spec describe() {
    return Spec.of("Tanh");
  }
}
