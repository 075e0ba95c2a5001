package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code y[i] = x[i] - log(sum over j of e^x[j])} along a dimension, the last unless given. */
public final class LogSoftmax extends Module {
  private static final long serialVersionUID = 1L;
  private static final int LAST = -1;

  private final int dimension;

  /** Along the last dimension. */
  public LogSoftmax() {
    this(LAST);
  }

  /** Along a dimension; negative ones count from the last. */
  public LogSoftmax(int dimension) {
    this.dimension = dimension;
  }

  static LogSoftmax of(Spec spec) {
    return new LogSoftmax(spec.allow("dim").integer("dim", LAST));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor rows = x.transpose(dimension, LAST);
    return dev.kindling.autograd.ops.LogSoftmax.of(rows).transpose(dimension, LAST);
  }

  @Override
  protected Spec describe() {
    return Spec.of("LogSoftmax").with("dim", dimension, LAST);
  }
}
