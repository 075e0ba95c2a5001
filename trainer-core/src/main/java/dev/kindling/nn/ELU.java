package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = x > 0 ? x : alpha * (e^x - 1)} (Clevert et al., 2015); alpha is 1 unless given. */
public final class ELU extends Module {
  private static final long serialVersionUID = 1L;
  private static final double ALPHA = 1;

  private final double alpha;

  /** With alpha 1. */
  public ELU() {
    this(ALPHA);
  }

  /** With the given value far below zero, {@code -alpha}. */
  public ELU(double alpha) {
    this.alpha = alpha;
  }

  static ELU of(Spec spec) {
    return new ELU(spec.allow("alpha").number("alpha", ALPHA));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor below = x.neg().relu().neg(); // min(x, 0): no exponential overflows
    return x.relu().add(below.exp().sub(1).mul(alpha));
  }

  @Override
  protected Spec describe() {
    return Spec.of("ELU").with("alpha", alpha, ALPHA);
  }
}
