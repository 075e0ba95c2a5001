package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** All dimensions but the first as one: [n, c, h, w] -> [n, c * h * w]. */
public final class Flatten extends Module {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor forward(Tensor x) {
    return x.flatten(1);
  }

  @Override
  protected Spec describe() {
    return Spec.of("Flatten");
  }
}
