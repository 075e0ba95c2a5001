package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code loss = mean over the outputs of (output - target)^2}. Both have the same shape [n, ...].
 */
public final class MSELoss implements Loss {
  private static final long serialVersionUID = 1L;

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    if (!(target instanceof Targets.Values values)) {
      throw new IllegalArgumentException(
          "MSELoss: the targets are labels; it needs values, or use CrossEntropyLoss");
    }
    if (!output.shape().equals(values.values().shape())) {
      throw new ShapeException(
          "mse_loss: outputs %s and targets %s must have the same shape"
              .formatted(output.shape(), values.values().shape()));
    }
    Tensor squares = output.sub(values.values()).square().reshape(output.size(0), -1);
    return squares.sum(1).div(squares.size(1));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("MSELoss");
  }
}
