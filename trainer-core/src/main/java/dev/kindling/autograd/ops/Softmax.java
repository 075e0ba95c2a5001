package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Tensor;

/** {@code y[i] = e^x[i] / sum over j of e^x[j]} over the last dimension. */
public final class Softmax extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private Softmax(Tensor x) {
    super(x);
  }

  /** The probabilities of each row. */
  public static Tensor of(Tensor x) {
    return new Softmax(x.contiguous()).apply(x.shape());
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    Tensor y = output();
    int classes = x.size(-1);
    int rows = classes == 0 ? 0 : x.shape().elements() / classes;
    KERNELS.softmaxRows(x.array(), x.offset(), rows, classes, y.array(), y.offset());
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    Tensor weighted = g.mul(output());
    int last = output().shape().rank() - 1;
    Tensor total = weighted.sum(last);
    return weighted.sub(output().mul(total.reshape(output().shape().with(last, 1).toArray())));
  }
}
