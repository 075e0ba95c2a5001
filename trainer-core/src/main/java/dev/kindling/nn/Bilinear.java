package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[o] = sum over i, j of a[i] * weight[o, i, j] * b[j] + bias[o]}. Shapes [n, in1] and [n,
 * in2] -> [n, out]; {@code weight} [out, in1, in2], {@code bias} [out], both starting uniform in
 * +-1/sqrt(in1).
 */
public final class Bilinear extends Module {
  private static final long serialVersionUID = 1L;

  private final int in1;
  private final int in2;
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  /** A layer with or without a bias. */
  public Bilinear(int in1, int in2, int out, boolean hasBias) {
    this.in1 = in1;
    this.in2 = in2;
    this.out = out;
    Initializer start = Initializer.Uniform.ofFanIn(in1);
    weight = register("weight", new Parameter(Shape.of(out, in1, in2), start));
    bias = hasBias ? register("bias", new Parameter(Shape.of(out), start)) : null;
  }

  static Bilinear of(Spec spec) {
    spec.allow("in1", "in2", "out", "bias");
    return new Bilinear(
        spec.integer("in1"), spec.integer("in2"), spec.integer("out"), spec.flag("bias", true));
  }

  /** Of both inputs side by side, [n, in1 + in2]. */
  @Override
  public Tensor forward(Tensor x) {
    if (x.shape().rank() != 2 || x.size(1) != in1 + in2) {
      throw new ShapeException(
          "%s: input %s must be [n,%d], both inputs side by side; concat them along dimension 1"
              .formatted(toSpec(), x.shape(), in1 + in2));
    }
    return forward(x.slice(1, 0, in1), x.slice(1, in1, in1 + in2));
  }

  /** Of two inputs. */
  public Tensor forward(Tensor a, Tensor b) {
    boolean areMatrices = a.shape().rank() == 2 && b.shape().rank() == 2;
    if (!areMatrices || a.size(0) != b.size(0) || a.size(1) != in1 || b.size(1) != in2) {
      throw new ShapeException(
          "%s: inputs %s and %s must be [n,%d] and [n,%d]; flatten them, or change in1 and in2"
              .formatted(toSpec(), a.shape(), b.shape(), in1, in2));
    }
    Tensor matrix = weight.tensor().permute(1, 0, 2).reshape(in1, out * in2);
    Tensor products = a.matmul(matrix).reshape(-1, out, in2);
    Tensor y = products.mul(b.unsqueeze(1)).sum(2);
    return bias == null ? y : y.add(bias.tensor());
  }

  @Override
  protected Spec describe() {
    return Spec.of("Bilinear", "in1", in1, "in2", in2, "out", out).with("bias", bias != null, true);
  }
}
