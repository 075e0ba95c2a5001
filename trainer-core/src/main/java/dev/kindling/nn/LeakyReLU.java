package dev.kindling.nn;

import dev.kindling.autograd.ops.Activation;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y = x > 0 ? x : slope * x}; the slope is 0.01 unless given. */
public final class LeakyReLU extends Module {
  private static final long serialVersionUID = 1L;
  private static final double SLOPE = 0.01;

  private final double slope;

  /** With slope 0.01. */
  public LeakyReLU() {
    this(SLOPE);
  }

  /** With a slope for negative inputs. */
  public LeakyReLU(double slope) {
    this.slope = slope;
  }

  static LeakyReLU of(Spec spec) {
    return new LeakyReLU(spec.allow("slope").number("slope", SLOPE));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Activation.leakyRelu(x, (float) slope);
  }

  @Override
  protected Spec describe() {
    return Spec.of("LeakyReLU").with("slope", slope, SLOPE);
  }
}
