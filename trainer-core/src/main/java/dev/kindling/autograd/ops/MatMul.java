package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.GemmWorkspace;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * Matrix product: {@code c[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]}; leading
 * dimensions broadcast. Every element is one chain of fused multiply-adds over ascending k.
 */
public final class MatMul extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final Matrix first;
  private final Matrix second;
  private final int m;
  private final int n;
  private final int k;
  private final int[] firstStarts;
  private final int[] secondStarts;
  private final GemmWorkspace workspace;

  private MatMul(Matrix first, Matrix second, Shape batch, Tensor... sum) {
    super(inputs(first, second, sum));
    this.first = first;
    this.second = second;
    this.m = first.tensor().size(-2);
    this.k = first.tensor().size(-1);
    this.n = second.tensor().size(-1);
    this.firstStarts = starts(first.tensor(), batch);
    this.secondStarts = starts(second.tensor(), batch);
    this.workspace = new GemmWorkspace(m, n, k);
  }

  private static Tensor[] inputs(Matrix first, Matrix second, Tensor... sum) {
    return sum.length == 0
        ? new Tensor[] {first.tensor(), second.tensor()}
        : new Tensor[] {first.tensor(), second.tensor(), sum[0]};
  }

  /** {@code sum + a b}, the additions of the product going on from the sum; matrices. */
  static Tensor add(Tensor sum, Tensor a, Tensor b) {
    MatMul op = new MatMul(Matrix.of(a), Matrix.of(b), Shape.of(), sum.contiguous());
    return op.apply(sum.shape());
  }

  /**
   * The product of two matrices, of a matrix and a vector, or of two vectors.
   *
   * @throws ShapeException where the inner sizes differ
   */
  public static Tensor of(Tensor a, Tensor b) {
    if (a.shape().rank() == 0 || b.shape().rank() == 0) {
      throw new ShapeException(
          "matmul: %s x %s: a scalar has no rows; use mul".formatted(a.shape(), b.shape()));
    }
    if (a.shape().rank() == 1) {
      Tensor product = of(View.reshape(a, 1, -1), b);
      return without(product, Math.max(-product.shape().rank(), -2));
    }
    if (b.shape().rank() == 1) {
      return without(of(a, View.reshape(b, -1, 1)), -1);
    }
    check(a.shape(), b.shape());
    if (b.shape().rank() == 2 && a.shape().rank() > 2) {
      return folded(a, b);
    }
    return product(a, b);
  }

  /** Inner product of two vectors of the same length. */
  public static Tensor dot(Tensor a, Tensor b) {
    if (a.shape().rank() != 1 || !a.shape().equals(b.shape())) {
      throw new ShapeException(
          "dot: %s . %s: two vectors of the same length are needed; flatten or slice them, or use matmul"
              .formatted(a.shape(), b.shape()));
    }
    return of(a, b);
  }

  /** {@code c[i, j] = a[i] * b[j]}. */
  public static Tensor outer(Tensor a, Tensor b) {
    if (a.shape().rank() != 1 || b.shape().rank() != 1) {
      throw new ShapeException(
          "outer: %s, %s: two vectors are needed; flatten them, or use matmul"
              .formatted(a.shape(), b.shape()));
    }
    return a.unsqueeze(1).mul(b);
  }

  private static Tensor without(Tensor product, int dimension) {
    return product.reshape(product.shape().without(dimension).toArray());
  }

  private static void check(Shape a, Shape b) {
    if (a.size(-1) != b.size(-2)) {
      String mend = a.size(-1) == b.size(-1) ? "transpose the second?" : "transpose or reshape one";
      throw new ShapeException(
          "matmul: %s x %s: inner sizes %d and %d differ; %s"
              .formatted(a, b, a.size(-1), b.size(-2), mend));
    }
  }

  /** [..., m, k] x [k, n] as one product of [... * m, k]. */
  private static Tensor folded(Tensor a, Tensor b) {
    int[] sizes = a.shape().toArray();
    sizes[sizes.length - 1] = b.size(-1);
    return product(a.reshape(-1, a.size(-1)), b).reshape(sizes);
  }

  private static Tensor product(Tensor a, Tensor b) {
    Shape batch = batchOf(a, b);
    MatMul op = new MatMul(Matrix.of(a), Matrix.of(b), batch);
    int rank = batch.rank();
    int[] sizes = Arrays.copyOf(batch.toArray(), rank + 2);
    sizes[rank] = op.m;
    sizes[rank + 1] = op.n;
    return op.apply(Shape.of(sizes));
  }

  private static Shape batchOf(Tensor a, Tensor b) {
    try {
      return Shape.broadcast("leading sizes", batchOf(a), batchOf(b));
    } catch (ShapeException e) {
      throw new ShapeException(
          "matmul: %s x %s: %s".formatted(a.shape(), b.shape(), e.getMessage()));
    }
  }

  private static Shape batchOf(Tensor x) {
    return Shape.of(Arrays.copyOf(x.shape().toArray(), x.shape().rank() - 2));
  }

  /** Where each matrix of the batch starts, from the tensor's first element. */
  private static int[] starts(Tensor x, Shape batch) {
    int[] starts = new int[batch.elements()];
    int lead = batch.rank() - (x.shape().rank() - 2);
    for (int index = 0; index < starts.length; index++) {
      int rest = index;
      for (int d = batch.rank() - 1; d >= 0; d--) {
        int place = rest % batch.size(d);
        rest /= batch.size(d);
        if (d >= lead && x.size(d - lead) != 1) {
          starts[index] += place * x.stride(d - lead);
        }
      }
    }
    return starts;
  }

  private boolean isAdding() {
    return inputs().size() == 3;
  }

  @Override
  protected void run() {
    if (isAdding()) {
      Strided.copyUnlessThere(input(2), output());
    }
    for (int i = 0; i < firstStarts.length; i++) {
      KERNELS.gemm(
          first.isTransposed(),
          second.isTransposed(),
          m,
          n,
          k,
          first.tensor().array(),
          first.tensor().offset() + firstStarts[i],
          first.leading(),
          second.tensor().array(),
          second.tensor().offset() + secondStarts[i],
          second.leading(),
          output().array(),
          output().offset() + i * m * n,
          n,
          isAdding(),
          workspace);
    }
  }

  @Override
  public long multiplyAdds() {
    return (long) firstStarts.length * m * n * k;
  }

  @Override
  protected boolean canOverwrite(int input) {
    return input == 2;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return switch (input) {
      case 0 -> g.matmul(input(1).t());
      case 1 -> input(0).t().matmul(g);
      default -> g;
    };
  }

  @Override
  protected Tensor accumulate(int input, Tensor g, Tensor sum) {
    if (sum == null || input == 2 || output().shape().rank() != 2) {
      return super.accumulate(input, g, sum);
    }
    return input == 0 ? add(sum, g, input(1).t()) : add(sum, input(0).t(), g);
  }
}
