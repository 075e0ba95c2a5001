package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y[i] = e^x[i] / sum over j of e^x[j]} along a dimension, the last unless given. */
public final class Softmax extends Module {
  private static final long serialVersionUID = 1L;
  private static final int LAST = -1;

  private final int dimension;

  /** Along the last dimension. */
  public Softmax() {
    this(LAST);
  }

  /** Along a dimension; negative ones count from the last. */
  public Softmax(int dimension) {
    this.dimension = dimension;
  }

  static Softmax of(Spec spec) {
    return new Softmax(spec.allow("dim").integer("dim", LAST));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor rows = x.transpose(dimension, LAST);
    return dev.kindling.autograd.ops.Softmax.of(rows).transpose(dimension, LAST);
  }

  @Override
  protected Spec describe() {
    return Spec.of("Softmax").with("dim", dimension, LAST);
  }
}
