package dev.kindling.train;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/**
 * {@code [sum of the losses, number of rows whose largest output is the label's, number of rows]}.
 * For targets that are values nothing counts as correct.
 */
final class SampleMetrics extends Op {
  private static final Kernels KERNELS = Kernels.best();

  private final Targets target;
  private final Loss loss;

  private SampleMetrics(Tensor losses, Tensor outputs, Targets target, Loss loss) {
    super(losses, outputs);
    this.target = target;
    this.loss = loss;
  }

  static Tensor of(Tensor losses, Tensor outputs, Targets target, Loss loss) {
    SampleMetrics op = new SampleMetrics(losses.contiguous(), outputs.contiguous(), target, loss);
    return op.apply(Shape.of(MetricSums.LENGTH));
  }

  @Override
  protected void run() {
    Tensor losses = input(0);
    int rows = losses.shape().elements();
    float[] sums = output().array();
    int at = output().offset();
    sums[at] = KERNELS.sum(losses.array(), losses.offset(), rows);
    sums[at + 1] = target instanceof Targets.Labels labels ? correct(labels, rows) : 0;
    sums[at + 2] = target instanceof Targets.Labels labels ? counted(labels, rows) : rows;
  }

  private int counted(Targets.Labels labels, int rows) {
    int counted = 0;
    for (int row = 0; row < rows; row++) {
      counted += loss.counts(labels.labels().get(row)) ? 1 : 0;
    }
    return counted;
  }

  private int correct(Targets.Labels labels, int rows) {
    Tensor outputs = input(1);
    int classes = rows == 0 ? 0 : outputs.shape().elements() / rows;
    int correct = 0;
    for (int row = 0; row < rows; row++) {
      int best = KERNELS.argmax(outputs.array(), outputs.offset() + row * classes, classes);
      if (best == labels.labels().get(row)) {
        correct++;
      }
    }
    return correct;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return null;
  }
}
