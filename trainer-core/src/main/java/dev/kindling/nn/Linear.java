package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = x W^T + b}. Shapes [..., in] -> [..., out]; {@code weight} [out, in], {@code bias}
 * [out], both starting uniform in +-1/sqrt(in).
 */
public final class Linear extends Module {
  private static final long serialVersionUID = 1L;

  private final int inFeatures;
  private final int outFeatures;
  private final Parameter weight;
  private final Parameter bias;

  /** A layer with a bias. */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  /** A layer with or without a bias. */
  public Linear(int inFeatures, int outFeatures, boolean hasBias) {
    if (inFeatures < 1 || outFeatures < 1) {
      throw new IllegalArgumentException(
          "Linear: in is %d and out is %d; both must be at least 1"
              .formatted(inFeatures, outFeatures));
    }
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    Initializer start = Initializer.Uniform.ofFanIn(inFeatures);
    weight = register("weight", new Parameter(Shape.of(outFeatures, inFeatures), start));
    bias = hasBias ? register("bias", new Parameter(Shape.of(outFeatures), start)) : null;
  }

  static Linear of(Spec spec) {
    spec.allow("in", "out", "bias");
    return new Linear(spec.integer("in"), spec.integer("out"), spec.flag("bias", true));
  }

  @Override
  protected Spec describe() {
    Spec spec = Spec.of("Linear", "in", inFeatures, "out", outFeatures);
    return bias != null
        ? spec
        : Spec.of("Linear", "in", inFeatures, "out", outFeatures, "bias", false);
  }

  @Override
  public Tensor forward(Tensor x) {
    if (bias == null) {
      dev.kindling.autograd.ops.Linear.check(x, weight.tensor());
      return x.matmul(weight.tensor().t());
    }
    return dev.kindling.autograd.ops.Linear.of(x, weight.tensor(), bias.tensor());
  }
}
