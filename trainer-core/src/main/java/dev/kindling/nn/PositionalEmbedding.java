package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[n, t, :] = x[n, t, :] + weight[t, :]}: a learned vector for each position. Shapes [n, t,
 * dim] -> the same, t at most {@code length}; {@code weight} [length, dim] starts normal with
 * deviation 0.02.
 */
public final class PositionalEmbedding extends Module {
  private static final long serialVersionUID = 1L;
  private static final float DEVIATION = 0.02f;

  private final int length;
  private final int dim;
  private final Parameter weight;

  /** For sequences of at most {@code length} positions. */
  public PositionalEmbedding(int length, int dim) {
    this.length = length;
    this.dim = dim;
    Initializer start = new Initializer.Normal(0, DEVIATION);
    weight = register("weight", new Parameter(Shape.of(length, dim), start));
  }

  static PositionalEmbedding of(Spec spec) {
    spec.allow("length", "dim");
    return new PositionalEmbedding(spec.integer("length"), spec.integer("dim"));
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.shape().rank() != 3 || x.size(1) > length || x.size(2) != dim) {
      throw new ShapeException(
          "%s: input %s must be [n,t,%d], t at most %d; raise length, shorten the sequences, or set dim to their features"
              .formatted(toSpec(), x.shape(), dim, length));
    }
    return x.add(weight.tensor().slice(0, 0, x.size(1)));
  }

  @Override
  protected Spec describe() {
    return Spec.of("PositionalEmbedding", "length", length, "dim", dim);
  }
}
