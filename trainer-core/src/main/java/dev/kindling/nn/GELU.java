package dev.kindling.nn;

import dev.kindling.autograd.ops.Activation;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = x * P(N(0, 1) < x) = x / 2 * (1 + erf(x / sqrt(2)))} (Hendrycks and Gimpel, 2016), or
 * with {@code approximate: tanh} {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))}.
 */
public final class GELU extends Module {
  private static final long serialVersionUID = 1L;

  private final boolean isApproximate;

  /** The exact function. */
  public GELU() {
    this(false);
  }

  /** The exact function, or the one with tanh. */
  public GELU(boolean isApproximate) {
    this.isApproximate = isApproximate;
  }

  static GELU of(Spec spec) {
    spec.allow("approximate");
    return new GELU(spec.choice("approximate", "none", "none", "tanh").equals("tanh"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return isApproximate ? x.mul(0.5).mul(inner(x).tanh().add(1)) : Activation.gelu(x);
  }

  private static Tensor inner(Tensor x) {
    return x.mul(Math.sqrt(2 / Math.PI)).mul(x.square().mul(0.044715).add(1));
  }

  @Override
  protected Spec describe() {
    return Spec.of("GELU").with("approximate", isApproximate ? "tanh" : "none", "none");
  }
}
