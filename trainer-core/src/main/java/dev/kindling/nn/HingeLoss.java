package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;

/**
 * For targets y of -1 or 1, {@code loss = mean over the outputs of max(0, margin - y * x)}; for
 * labels, {@code loss = sum over c != label of max(0, margin - x[label] + x[c]) / classes}. The
 * margin is 1 unless given.
 */
public final class HingeLoss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  private final double margin;

  /** With margin 1. */
  public HingeLoss() {
    this(1);
  }

  /** With a margin. */
  public HingeLoss(double margin) {
    this.margin = margin;
  }

  static HingeLoss of(Spec spec) {
    return new HingeLoss(spec.allow("margin").number("margin", 1));
  }

  /** Of labels that of each sample, [n]. */
  @Override
  public Tensor elements(Tensor output, Targets target) {
    if (target instanceof Targets.Labels labels) {
      return ofLabels(output, labels.labels());
    }
    Tensor y = Targets.values("HingeLoss", output, target);
    return y.mul(output).neg().add(margin).relu();
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    Tensor elements = elements(output, target);
    return target instanceof Targets.Labels ? elements : Losses.meanOfRows(elements);
  }

  private Tensor ofLabels(Tensor output, IntTensor labels) {
    Tensor scores = ClassWeights.rows("hinge_loss", output, labels);
    Tensor right = scores.gather(1, labels.reshape(-1, 1));
    Tensor behind = scores.sub(right).add(margin).relu();
    return behind.sum(1).sub(margin).div(scores.size(1)); // the label's own term is the margin
  }

  @Override
  public Spec toSpec() {
    return Spec.of("HingeLoss").with("margin", margin, 1.0);
  }
}
