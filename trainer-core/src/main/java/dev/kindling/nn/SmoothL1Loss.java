package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = mean over the outputs of (d < beta ? d^2 / (2 beta) : d - beta / 2)} with {@code d
 * = |output - target|}; beta is 1 unless given. Both have the same shape [n, ...].
 */
public final class SmoothL1Loss implements ElementwiseLoss {
  private static final long serialVersionUID = 1L;

  private final double beta;

  /** With beta 1. */
  public SmoothL1Loss() {
    this(1);
  }

  /** Quadratic below {@code beta}, linear above. */
  public SmoothL1Loss(double beta) {
    if (!(beta > 0)) {
      throw new IllegalArgumentException(
          "SmoothL1Loss: beta is " + beta + "; it must be above 0, or use L1Loss");
    }
    this.beta = beta;
  }

  static SmoothL1Loss of(Spec spec) {
    return new SmoothL1Loss(spec.allow("beta").number("beta", 1));
  }

  @Override
  public Tensor elements(Tensor output, Targets target) {
    Tensor d = output.sub(Targets.values("SmoothL1Loss", output, target)).abs();
    Tensor quadratic = d.clamp(0, beta);
    return quadratic.square().mul(0.5 / beta).add(d).sub(quadratic);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("SmoothL1Loss").with("beta", beta, 1.0);
  }
}
