package dev.kindling.train;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code [sum of the losses, weight of the rows whose largest output is the label's, weight of the
 * rows]}: numbers of rows, where each has the weight 1. For targets that are values nothing counts
 * as correct.
 */
final class SampleMetrics extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final Targets target;
  private final Loss loss;

  private SampleMetrics(Tensor losses, Tensor outputs, Tensor weights, Targets target, Loss loss) {
    super(losses, outputs, weights);
    this.target = target;
    this.loss = loss;
  }

  /** Of weighted losses. */
  static Tensor of(Tensor losses, Tensor outputs, BatchInput batch, Loss loss) {
    return new SampleMetrics(
            losses.contiguous(), outputs.contiguous(), batch.weights(), batch.target(), loss)
        .apply(Shape.of(MetricSums.LENGTH));
  }

  @Override
  protected void run() {
    Tensor losses = input(0);
    float[] sums = output().array();
    int at = output().offset();
    int n = losses.shape().elements();
    sums[at] = KERNELS.sum(losses.array(), losses.offset(), n);
    if (target instanceof Targets.Labels labels) {
      sums[at + 1] = correct(labels, n);
      sums[at + 2] = counted(labels, n);
    } else {
      sums[at + 1] = 0;
      sums[at + 2] = KERNELS.sum(input(2).array(), input(2).offset(), n);
    }
  }

  /**
   * The weight of the row to which sample {@code i} of {@code n} belongs: itself, or a position.
   */
  private float weight(int i, int n) {
    Tensor weights = input(2);
    return weights.array()[weights.offset() + i / (n / weights.size(0))];
  }

  private float counted(Targets.Labels labels, int n) {
    float counted = 0;
    for (int i = 0; i < n; i++) {
      counted += loss.counts(labels.labels().get(i)) ? weight(i, n) : 0;
    }
    return counted;
  }

  private float correct(Targets.Labels labels, int n) {
    Tensor outputs = input(1);
    int classes = n == 0 ? 0 : outputs.shape().elements() / n;
    float correct = 0;
    for (int i = 0; i < n; i++) {
      int best = KERNELS.argmax(outputs.array(), outputs.offset() + i * classes, classes);
      correct += best == labels.labels().get(i) ? weight(i, n) : 0;
    }
    return correct;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return null;
  }
}
