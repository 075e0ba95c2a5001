package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Softmax and cross-entropy in one: {@code loss[i] = log(sum over c of e^x[i,c]) - x[i, label[i]]},
 * shapes [n, classes] and [n] -> [n]. The maximum is taken out first, so no exponential overflows.
 * Rows with the ignored label have the loss 0 and no gradient.
 */
public final class CrossEntropy extends Op {
  private static final Kernels KERNELS = Kernels.best();

  /** The label of rows that do not count, unless another is given; PyTorch's. */
  public static final int NO_LABEL = -100;

  private static final float[] EVEN = {};

  private final IntTensor labels;
  private final int ignored;
  private final float[] probabilities;

  private CrossEntropy(Tensor logits, IntTensor labels, int ignored) {
    super(logits);
    this.labels = labels;
    this.ignored = ignored;
    this.probabilities = new float[logits.shape().elements()];
  }

  /** The loss of each row; as in PyTorch, rows with the label -100 do not count. */
  public static Tensor of(Tensor logits, IntTensor labels) {
    return of(logits, labels, NO_LABEL);
  }

  /**
   * The loss of each row. Labels outside [0, classes) are refused.
   *
   * @param ignored the label of rows that do not count; may lie outside
   */
  public static Tensor of(Tensor logits, IntTensor labels, int ignored) {
    if (logits.shape().rank() != 2 || !labels.shape().equals(Shape.of(logits.size(0)))) {
      throw new ShapeException(
          "cross_entropy: outputs %s and labels %s: [n,classes] and [n] are needed; reshape one of them"
              .formatted(logits.shape(), labels.shape()));
    }
    return new CrossEntropy(logits.contiguous(), labels, ignored).apply(labels.shape());
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    LabelRange.check("cross_entropy", labels, ignored, x.shape());
    int rows = x.size(0);
    for (int from = 0; from < rows; ) {
      int to = from;
      while (to < rows && labels.get(to) != ignored) {
        to++;
      }
      rows(from, to - from);
      if (to < rows) {
        ignore(to++);
      }
      from = to;
    }
  }

  /** Rows that all count. */
  private void rows(int from, int count) {
    Tensor x = input(0);
    int at = from * x.size(1);
    KERNELS.softmaxCrossEntropy(
        x.array(),
        x.offset() + at,
        count,
        x.size(1),
        labels.array(),
        from,
        output().array(),
        output().offset() + from,
        probabilities,
        at);
  }

  private void ignore(int row) {
    int classes = input(0).size(1);
    output().array()[output().offset() + row] = 0;
    Arrays.fill(probabilities, row * classes, (row + 1) * classes, 0);
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new CrossEntropyGradient(input(0), g.contiguous(), this).apply(input(0).shape());
  }

  /** {@code dx[i, c] = g[i] * (softmax(x[i])[c] - (c == label[i] ? 1 : 0))}; 0 if ignored. */
  private static final class CrossEntropyGradient extends Op {
    private final CrossEntropy forward;

    CrossEntropyGradient(Tensor logits, Tensor rowGradient, CrossEntropy forward) {
      super(logits, rowGradient);
      this.forward = forward;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      Tensor g = input(1);
      int classes = x.size(1);
      float[] p = forward.probabilities;
      float[] dx = output().array();
      for (int row = 0; row < x.size(0); row++) {
        float scale = g.array()[g.offset() + row];
        int from = row * classes;
        int to = output().offset() + from;
        for (int c = 0; c < classes; c++) {
          dx[to + c] = p[from + c] * scale;
        }
        int label = forward.labels.get(row);
        if (label != forward.ignored) {
          dx[to + label] -= scale;
        }
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      Tensor label = LabelShares.of(input(0), forward.labels, EVEN, forward.ignored, 0);
      Tensor p = Softmax.of(input(0)).mul(label.sumKeepDim(1));
      if (input == 1) {
        return gg.mul(p.sub(label)).sum(1);
      }
      Tensor weighted = gg.mul(p);
      Tensor centred = weighted.sub(p.mul(weighted.sum(1).reshape(-1, 1)));
      return centred.mul(input(1).reshape(-1, 1));
    }
  }
}
