package dev.kindling.nn;

import dev.kindling.autograd.ops.Lookup;
import dev.kindling.autograd.ops.RowLookup;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[..., :] = weight[x[...], :]}: a vector for each of {@code num} symbols. Shapes [...] of
 * whole numbers -> [..., dim]; {@code weight} [num, dim] starts normal with deviation 1, or as
 * {@code init: {weight: ...}} says.
 *
 * <p>With {@code sparse} the vectors are rows of a table beside the other parameters: they start
 * with the same bits, and take memory from their first gradient on. A step reads the rows of its
 * batch alone, and moves those alone.
 */
public final class Embedding extends Module {
  private static final long serialVersionUID = 1L;

  private final int num;
  private final int dim;
  private final Parameter weight;
  private final SparseParameter table;

  /** A table of {@code num} vectors of {@code dim} elements. */
  public Embedding(int num, int dim) {
    this(num, dim, false);
  }

  /** The same; {@code sparse} as rows of a table. */
  public Embedding(int num, int dim, boolean sparse) {
    this.num = num;
    this.dim = dim;
    Shape shape = Shape.of(num, dim);
    Initializer start = new Initializer.Normal(0, 1);
    weight = sparse ? null : register("weight", new Parameter(shape, start));
    table = sparse ? register("weight", new SparseParameter(shape, start)) : null;
  }

  static Embedding of(Spec spec) {
    spec.allow("num", "dim", "sparse");
    return new Embedding(spec.integer("num"), spec.integer("dim"), spec.flag("sparse", false));
  }

  /** Whether the vectors are rows of a table. */
  public boolean isSparse() {
    return table != null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return isSparse()
        ? RowLookup.of(table.rows(), num, dim, table.rows().anchor(), x)
        : Lookup.of(weight.tensor(), x);
  }

  @Override
  protected Spec describe() {
    Spec spec = Spec.of("Embedding", "num", num, "dim", dim);
    return isSparse() ? spec.with("sparse", true, false) : spec;
  }
}
