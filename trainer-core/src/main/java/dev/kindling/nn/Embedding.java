package dev.kindling.nn;

import dev.kindling.autograd.ops.Lookup;
import dev.kindling.autograd.ops.RowLookup;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[..., :] = weight[x[...], :]}: a vector for each of {@code num} symbols. Shapes [...] of
 * whole numbers -> [..., dim]; {@code weight} [num, dim] starts normal with deviation 1.
 *
 * <p>With {@code sparse} there is no such parameter: the vectors are rows of a table beside the
 * others, take memory from their first gradient on and start uniform with deviation 1. A step reads
 * the rows of its batch alone, and moves those alone.
 */
public final class Embedding extends Module {
  private static final long serialVersionUID = 1L;

  private final int num;
  private final int dim;
  private final Parameter weight;
  private transient EmbeddingRows rows;

  /** A table of {@code num} vectors of {@code dim} elements. */
  public Embedding(int num, int dim) {
    this(num, dim, false);
  }

  /** The same; {@code sparse} as rows of a table. */
  public Embedding(int num, int dim, boolean sparse) {
    this.num = num;
    this.dim = dim;
    weight =
        sparse
            ? null
            : register("weight", new Parameter(Shape.of(num, dim), new Initializer.Normal(0, 1)));
  }

  static Embedding of(Spec spec) {
    spec.allow("num", "dim", "sparse");
    return new Embedding(spec.integer("num"), spec.integer("dim"), spec.flag("sparse", false));
  }

  /** Whether the vectors are rows of a table. */
  public boolean isSparse() {
    return weight == null;
  }

  /** Elements of a vector. */
  public int dim() {
    return dim;
  }

  /** Where the vectors of a sparse one come from, in this thread's copy of the model. */
  public EmbeddingRows rows() {
    if (rows == null) {
      rows = new EmbeddingRows();
    }
    return rows;
  }

  @Override
  public Tensor forward(Tensor x) {
    return isSparse()
        ? RowLookup.of(rows(), num, dim, rows().anchor(), x)
        : Lookup.of(weight.tensor(), x);
  }

  @Override
  protected Spec describe() {
    Spec spec = Spec.of("Embedding", "num", num, "dim", dim);
    return isSparse() ? spec.with("sparse", true, false) : spec;
  }
}
