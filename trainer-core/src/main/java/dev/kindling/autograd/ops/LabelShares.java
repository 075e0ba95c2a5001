package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * How much each class counts in the loss of each row: {@code y[i, c] = (1 - smoothing) * weight[c]
 * * (c == label[i] ? 1 : 0) + smoothing * weight[c] / classes}; 0 for rows whose label is ignored.
 * Depends on the labels alone, which may change from run to run.
 */
public final class LabelShares extends Op {
  private final IntTensor labels;
  private final float[] whole;
  private final float[] spread;
  private final int ignored;

  private LabelShares(
      Tensor like, IntTensor labels, float[] weights, int ignored, double smoothing) {
    super(like);
    this.labels = labels;
    this.ignored = ignored;
    int classes = like.size(1);
    whole = new float[classes];
    spread = new float[classes];
    for (int c = 0; c < classes; c++) {
      double weight = weights.length == 0 ? 1 : weights[c];
      whole[c] = (float) ((1 - smoothing) * weight);
      spread[c] = (float) (smoothing * weight / classes);
    }
  }

  /**
   * The shares, in the shape [n, classes] of {@code like}.
   *
   * @param weights of the classes; empty for 1
   * @param ignored the label of rows that do not count
   */
  public static Tensor of(
      Tensor like, IntTensor labels, float[] weights, int ignored, double smoothing) {
    return new LabelShares(like, labels, weights, ignored, smoothing).apply(like.shape());
  }

  @Override
  protected void run() {
    LabelRange.check("loss", labels, ignored, output().shape());
    float[] y = output().array();
    int classes = whole.length;
    for (int row = 0; row < output().size(0); row++) {
      int at = output().offset() + row * classes;
      int label = labels.get(row);
      if (label == ignored) {
        Arrays.fill(y, at, at + classes, 0);
      } else {
        System.arraycopy(spread, 0, y, at, classes);
        y[at + label] += whole[label];
      }
    }
  }

  @Override
  protected boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return null;
  }
}
