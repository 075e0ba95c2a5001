package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/** {@code loss = mean over the outputs of |output - target|}. Both have the same shape [n, ...]. */
public final class L1Loss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor elements(Tensor output, Targets target) {
    return output.sub(Targets.values("L1Loss", output, target)).abs();
  }

  @Override
  public Spec toSpec() {
    return Spec.of("L1Loss");
  }
}
