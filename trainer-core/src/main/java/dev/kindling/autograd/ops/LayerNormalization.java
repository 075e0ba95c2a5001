package dev.kindling.autograd.ops;

import dev.kindling.autograd.FusedOp;
import dev.kindling.kernel.Kernels;
import dev.kindling.kernel.NormKernels;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias}, mean and variance of each row of
 * as many elements as the weight has. Sums over a row use 16 lanes; those of the weight's gradient
 * run down the rows.
 */
public final class LayerNormalization extends FusedOp {
  private static final NormKernels KERNELS = Kernels.best().norm();

  private final double eps;
  private final int length;
  private final float[] means;
  private final float[] scales;
  private final float[] parameterGradient;
  private final float[] lanes = new float[NormKernels.ROOM];
  private final float[] unused;

  private LayerNormalization(Tensor x, Tensor weight, Tensor bias, double eps) {
    super(x, weight, bias);
    this.eps = eps;
    length = weight.shape().elements();
    means = new float[x.shape().elements() / Math.max(1, length)];
    scales = new float[means.length];
    parameterGradient = new float[2 * length];
    unused = new float[x.isRequiringGrad() ? 0 : length];
  }

  /** Of x, whose last dimensions are those of weight and bias. */
  public static Tensor of(Tensor x, Tensor weight, Tensor bias, double eps) {
    return new LayerNormalization(x.contiguous(), weight.contiguous(), bias.contiguous(), eps)
        .apply(x.shape());
  }

  @Override
  protected Tensor definition(List<Tensor> inputs) {
    Tensor z = Standardize.rows(inputs.get(0), length, eps);
    return z.mul(inputs.get(1)).add(inputs.get(2));
  }

  @Override
  protected void run() {
    float[] x = input(0).array();
    for (int row = 0; row < means.length; row++) {
      int at = input(0).offset() + row * length;
      means[row] = KERNELS.sum(x, at, length, lanes) / length;
      float variance = KERNELS.squares(x, at, length, means[row], lanes) / length;
      scales[row] = (float) (1 / Math.sqrt(variance + eps));
      write(row, x, at);
    }
  }

  private void write(int row, float[] x, int at) {
    Tensor weight = input(1);
    Tensor bias = input(2);
    KERNELS.affine(
        x,
        at,
        means[row],
        scales[row],
        weight.array(),
        weight.offset(),
        bias.array(),
        bias.offset(),
        output().array(),
        output().offset() + row * length,
        length);
  }

  @Override
  protected void backward(Tensor g, float[] to, int[] starts) {
    Arrays.fill(parameterGradient, 0);
    boolean isNeeded = starts[0] >= 0;
    for (int row = 0; row < means.length; row++) {
      row(row, g, isNeeded ? to : unused, isNeeded ? starts[0] + row * length : 0);
    }
    for (int i = 1; i <= 2; i++) {
      if (starts[i] >= 0) {
        System.arraycopy(parameterGradient, (i - 1) * length, to, starts[i], length);
      }
    }
  }

  private void row(int row, Tensor g, float[] dx, int dxAt) {
    Tensor x = input(0);
    Tensor weight = input(1);
    KERNELS.gradient(
        g.array(),
        g.offset() + row * length,
        x.array(),
        x.offset() + row * length,
        means[row],
        scales[row],
        weight.array(),
        weight.offset(),
        dx,
        dxAt,
        parameterGradient,
        0,
        length,
        length,
        lanes);
  }
}
