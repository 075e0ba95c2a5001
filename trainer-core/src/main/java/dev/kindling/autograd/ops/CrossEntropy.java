package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * Softmax and cross-entropy in one: {@code loss[i] = log(sum over c of e^x[i,c]) - x[i, label[i]]},
 * shapes [n, classes] and [n] -> [n]. The maximum is taken out first, so no exponential overflows.
 */
public final class CrossEntropy extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final IntTensor labels;
  private final float[] probabilities;

  private CrossEntropy(Tensor logits, IntTensor labels) {
    super(logits);
    this.labels = labels;
    this.probabilities = new float[logits.shape().elements()];
  }

  /** The loss of each row. Labels outside [0, classes) are refused. */
  public static Tensor of(Tensor logits, IntTensor labels) {
    if (logits.shape().rank() != 2 || !labels.shape().equals(Shape.of(logits.size(0)))) {
      throw new ShapeException(
          "cross_entropy: outputs %s and labels %s: [n,classes] and [n] are needed"
              .formatted(logits.shape(), labels.shape()));
    }
    return new CrossEntropy(logits.contiguous(), labels).apply(labels.shape());
  }

  @Override
  protected void run() {
    Tensor x = input(0);
    LabelRange.check("cross_entropy", labels, 0, x.shape());
    KERNELS.softmaxCrossEntropy(
        x.array(),
        x.offset(),
        x.size(0),
        x.size(1),
        labels.array(),
        0,
        output().array(),
        output().offset(),
        probabilities,
        0);
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return new Backward(input(0), g.contiguous(), this).apply(input(0).shape());
  }

  /** {@code dx[i, c] = g[i] * (softmax(x[i])[c] - (c == label[i] ? 1 : 0))}. */
  private static final class Backward extends Op {
    private final CrossEntropy forward;

    Backward(Tensor logits, Tensor rowGradient, CrossEntropy forward) {
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
        dx[to + forward.labels.get(row)] -= scale;
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      Tensor p = Softmax.of(input(0));
      if (input == 1) {
        return gg.mul(p).sum(1).sub(gg.gather(1, forward.labels.reshape(-1, 1)).squeeze(1));
      }
      Tensor weighted = gg.mul(p);
      Tensor centred = weighted.sub(p.mul(weighted.sum(1).reshape(-1, 1)));
      return centred.mul(input(1).reshape(-1, 1));
    }
  }
}
