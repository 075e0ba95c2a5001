package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = sum over the outputs of y * (log y - x)}: how far probabilities y are from those
 * whose logarithms x are. Both have the same shape [n, ...]; the mean is over the samples,
 * PyTorch's {@code batchmean}.
 */
public final class KLDivLoss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor elements(Tensor output, Targets target) {
    Tensor y = Targets.values("KLDivLoss", output, target);
    Tensor logarithm = y.clamp(Float.MIN_NORMAL, Float.MAX_VALUE).log(); // 0 log 0 is 0
    return y.mul(logarithm.sub(output));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    return elements(output, target).reshape(output.size(0), -1).sum(1);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("KLDivLoss");
  }
}
