package dev.kindling.nn;

import dev.kindling.autograd.ops.Lookup;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[..., :] = weight[x[...], :]}: a vector for each of {@code num} symbols. Shapes [...] of
 * whole numbers -> [..., dim]; {@code weight} [num, dim] starts normal with deviation 1.
 */
public final class Embedding extends Module {
  private static final long serialVersionUID = 1L;

  private final int num;
  private final int dim;
  private final Parameter weight;

  /** A table of {@code num} vectors of {@code dim} elements. */
  public Embedding(int num, int dim) {
    this.num = num;
    this.dim = dim;
    weight = register("weight", new Parameter(Shape.of(num, dim), new Initializer.Normal(0, 1)));
  }

  static Embedding of(Spec spec) {
    spec.allow("num", "dim");
    return new Embedding(spec.integer("num"), spec.integer("dim"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Lookup.of(weight.tensor(), x);
  }

  @Override
  protected Spec describe() {
    return Spec.of("Embedding", "num", num, "dim", dim);
  }
}
