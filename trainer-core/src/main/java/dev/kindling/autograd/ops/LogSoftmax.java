package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[i] = x[i] - log(sum over j of e^x[j])} over the last dimension. The maximum is taken out
 * first, so no exponential overflows.
 */
public final class LogSoftmax extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final float[] exponentials;
  private final float[] logarithm = new float[1];

  private LogSoftmax(Tensor x) {
    super(x);
    exponentials = new float[x.size(-1)];
  }

  /** The logarithms of each row's probabilities. */
  public static Tensor of(Tensor x) {
    return new LogSoftmax(x.contiguous()).apply(x.shape());
  }

  @Override
  protected void run() {
    int classes = exponentials.length;
    int rows = classes == 0 ? 0 : output().shape().elements() / classes;
    for (int row = 0; row < rows; row++) {
      row(row * classes, classes);
    }
  }

  private void row(int from, int classes) {
    float[] x = input(0).array();
    float[] y = output().array();
    int xAt = input(0).offset() + from;
    int yAt = output().offset() + from;
    float largest = x[xAt + KERNELS.argmax(x, xAt, classes)];
    for (int i = 0; i < classes; i++) {
      y[yAt + i] = x[xAt + i] - largest;
    }
    KERNELS.exp(y, yAt, exponentials, 0, classes);
    logarithm[0] = KERNELS.sum(exponentials, 0, classes);
    KERNELS.log(logarithm, 0, logarithm, 0, 1);
    for (int i = 0; i < classes; i++) {
      y[yAt + i] -= logarithm[0];
    }
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return g.sub(output().exp().mul(g.sumKeepDim(-1)));
  }
}
