package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y = x W^T + b}, shapes [n, in] x [out, in] + [out] -> [n, out]; with the ReLU that follows
 * it in the same pass where one does.
 */
public final class Linear extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final boolean isRectified;
  private final GemmWorkspace workspace;

  private Linear(Tensor x, Tensor weight, Tensor bias, boolean isRectified) {
    super(x, weight, bias);
    this.isRectified = isRectified;
    this.workspace = new GemmWorkspace(x.size(0), weight.size(0), x.size(1));
  }

  /** The product plus the bias; leading dimensions of {@code x} are kept. */
  public static Tensor of(Tensor x, Tensor weight, Tensor bias) {
    check(x, weight);
    Tensor rows = x.reshape(-1, x.size(-1)).contiguous();
    Linear op = new Linear(rows, weight.contiguous(), bias.contiguous(), false);
    Tensor y = op.apply(Shape.of(rows.size(0), weight.size(0)));
    return y.reshape(x.shape().with(-1, weight.size(0)).toArray());
  }

  /**
   * Checks that a weight [out, in] fits rows.
   *
   * @throws ShapeException unless the input's last size is that of the weight
   */
  public static void check(Tensor x, Tensor weight) {
    if (x.shape().rank() < 1 || x.size(-1) != weight.size(1)) {
      throw new ShapeException(
          "linear: %s x weight %s: the input's last size must be %d; flatten before?"
              .formatted(x.shape(), weight.shape(), weight.size(1)));
    }
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    Tensor weight = input(1);
    Tensor bias = input(2);
    Tensor y = output();
    KERNELS.linear(
        x.size(0),
        weight.size(0),
        x.size(1),
        x.array(),
        x.offset(),
        weight.array(),
        weight.offset(),
        bias.array(),
        bias.offset(),
        isRectified,
        y.array(),
        y.offset(),
        workspace);
  }

  @Override
  protected Op fuse(Op consumer) {
    if (!isRectified && consumer instanceof Unary.Relu) {
      return new Linear(input(0), input(1), input(2), true).writing(consumer.output());
    }
    return null;
  }

  @Override
  public long multiplyAdds() {
    return (long) output().shape().elements() * input(0).size(1);
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return switch (input) {
      case 0 -> g.matmul(input(1));
      case 1 -> g.t().matmul(input(0));
      default -> g.sum(0);
    };
  }

  @Override
  protected Tensor accumulate(int input, Tensor g, Tensor sum) {
    if (sum == null || input == 2) {
      return super.accumulate(input, g, sum);
    }
    return input == 0 ? MatMul.add(sum, g, input(1)) : MatMul.add(sum, g.t(), input(0));
  }

  @Override
  public String name() {
    return isRectified ? "LinearRelu" : "Linear";
  }
}
