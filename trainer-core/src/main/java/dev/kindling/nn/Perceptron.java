package dev.kindling.nn;

import dev.kindling.autograd.ops.Activation;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = x W^T + b > 0 ? 1 : 0} (Rosenblatt, 1958). The step passes gradients through as they
 * are, so descent on {@code (y - target)^2 / 2} is the perceptron's rule: {@code w += lr * (target
 * - y) * x}. Shapes [n, in] -> [n, out]; {@code weight} [out, in] and {@code bias} [out] start at
 * zero.
 */
public final class Perceptron extends Module {
  private static final long serialVersionUID = 1L;

  private final int in;
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  /** A layer of {@code out} perceptrons. */
  public Perceptron(int in, int out) {
    this.in = in;
    this.out = out;
    Initializer zero = new Initializer.Constant(0);
    weight = register("weight", new Parameter(Shape.of(out, in), zero));
    bias = register("bias", new Parameter(Shape.of(out), zero));
  }

  static Perceptron of(Spec spec) {
    spec.allow("in", "out");
    return new Perceptron(spec.integer("in"), spec.integer("out"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Activation.step(dev.kindling.autograd.ops.Linear.of(x, weight.tensor(), bias.tensor()));
  }

  @Override
  protected Spec describe() {
    return Spec.of("Perceptron", "in", in, "out", out);
  }
}
