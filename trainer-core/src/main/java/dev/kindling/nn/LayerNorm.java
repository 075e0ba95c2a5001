package dev.kindling.nn;

import dev.kindling.autograd.ops.LayerNormalization;
import dev.kindling.autograd.ops.Standardize;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias}, mean and variance over the last
 * dimensions (Ba et al., 2016). Shapes [..., shape] -> the same; {@code weight} starts at 1, {@code
 * bias} at 0, {@code eps} is 1e-5 unless given.
 */
public final class LayerNorm extends Module {
  private static final long serialVersionUID = 1L;
  private static final double EPS = 1e-5;

  private final Shape shape;
  private final double eps;
  private final Affine affine;

  /** Over the last dimensions, of the given sizes; with weight and bias. */
  public LayerNorm(int... shape) {
    this(Shape.of(shape), EPS, true);
  }

  /** Over the last dimensions, with or without weight and bias. */
  public LayerNorm(Shape shape, double eps, boolean isAffine) {
    this.shape = shape;
    this.eps = eps;
    affine = isAffine ? new Affine(shape) : null;
    if (isAffine) {
      register("weight", affine.weight());
      register("bias", affine.bias());
    }
  }

  static LayerNorm of(Spec spec) {
    spec.allow("shape", "eps", "affine");
    return new LayerNorm(
        Shape.of(spec.integers("shape")), spec.number("eps", EPS), spec.flag("affine", true));
  }

  @Override
  public Tensor forward(Tensor x) {
    int lead = x.shape().rank() - shape.rank();
    if (lead < 0 || !x.shape().toList().subList(lead, x.shape().rank()).equals(shape.toList())) {
      throw new ShapeException(
          "%s: the last sizes of the input %s must be %s; change shape, or permute"
              .formatted(toSpec(), x.shape(), shape));
    }
    if (affine == null) {
      return Standardize.rows(x, shape.elements(), eps);
    }
    Tensor weight = affine.weight().tensor();
    return LayerNormalization.of(x, weight, affine.bias().tensor(), eps);
  }

  @Override
  protected Spec describe() {
    Object written = shape.rank() == 1 ? (Object) shape.size(0) : shape.toList();
    return Spec.of("LayerNorm", "shape", written)
        .with("eps", eps, EPS)
        .with("affine", affine != null, true);
  }
}
