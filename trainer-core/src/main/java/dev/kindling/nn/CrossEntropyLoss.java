package dev.kindling.nn;

import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = log(sum over c of e^x[c]) - x[label]}: softmax and negative log-likelihood in one.
 * Outputs are unnormalised scores [n, classes]; targets are labels [n].
 */
public final class CrossEntropyLoss implements Loss {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    if (target instanceof Targets.Labels labels) {
      return CrossEntropy.of(output, labels.labels());
    }
    throw new IllegalArgumentException(
        "CrossEntropyLoss: the targets are values; it needs class labels, or use MSELoss");
  }

  @Override
  public Spec toSpec() {
    return Spec.of("CrossEntropyLoss");
  }
}
