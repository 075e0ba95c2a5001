package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = x / (1 + e^-x)}, also called Swish (Elfwing et al., 2017). */
public final class SiLU extends Module {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor forward(Tensor x) {
    return x.mul(x.sigmoid());
  }

  @Override
  protected Spec describe() {
    return Spec.of("SiLU");
  }
}
