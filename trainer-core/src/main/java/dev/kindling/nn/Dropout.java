package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * In training {@code y = x * mask / (1 - p)}, where each element of the mask is 0 with probability
 * p, else 1; in evaluation {@code y = x} (Srivastava et al., 2014). p is 0.5 unless given.
 */
public final class Dropout extends Module {
  private static final long serialVersionUID = 1L;
  private static final double P = 0.5;

  private final double p;

  /** Drops half of the elements. */
  public Dropout() {
    this(P);
  }

  /** Drops a share {@code p} of the elements. */
  public Dropout(double p) {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("Dropout: p is " + p + "; it must be in [0, 1)");
    }
    this.p = p;
  }

  static Dropout of(Spec spec) {
    return new Dropout(spec.allow("p").number("p", P));
  }

  @Override
  public Tensor forward(Tensor x) {
    return isTraining() && p > 0 ? x.mul(DropoutMask.of(x, p, context())) : x;
  }

  @Override
  protected Spec describe() {
    return Spec.of("Dropout").with("p", p, P);
  }
}
