package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = mean over the outputs of (output - target)^2}. Both have the same shape [n, ...].
 */
public final class MSELoss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor elements(Tensor output, Targets target) {
    return output.sub(Targets.values("MSELoss", output, target)).square();
  }

  @Override
  public Spec toSpec() {
    return Spec.of("MSELoss");
  }
}
