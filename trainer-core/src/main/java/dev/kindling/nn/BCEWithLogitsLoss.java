package dev.kindling.nn;

import dev.kindling.autograd.ops.Activation;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * Binary cross-entropy of unnormalised scores: {@code loss = mean over the outputs of -(w y log
 * s(x) + (1 - y) log(1 - s(x)))} with the sigmoid s and the weight w of positives, 1 unless given.
 * Outputs and targets, each in [0, 1], have the same shape [n, ...].
 */
public final class BCEWithLogitsLoss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  private final double positiveWeight;

  /** Positives count as much as negatives. */
  public BCEWithLogitsLoss() {
    this(1);
  }

  /** Positives count {@code positiveWeight} times. */
  public BCEWithLogitsLoss(double positiveWeight) {
    this.positiveWeight = positiveWeight;
  }

  static BCEWithLogitsLoss of(Spec spec) {
    return new BCEWithLogitsLoss(spec.allow("pos_weight").number("pos_weight", 1));
  }

  @Override
  public Tensor elements(Tensor output, Targets target) {
    Tensor y = Targets.values("BCEWithLogitsLoss", output, target);
    Tensor negative = y.neg().add(1).mul(Activation.softplus(output));
    Tensor positive = y.mul(positiveWeight).mul(Activation.softplus(output.neg()));
    return negative.add(positive);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("BCEWithLogitsLoss").with("pos_weight", positiveWeight, 1.0);
  }
}
