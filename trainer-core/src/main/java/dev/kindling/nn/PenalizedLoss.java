package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.Optional;

/**
 * A loss plus {@code l1 * sum of |w| + l2 * sum of w^2} over the weights: parameters of two and
 * more dimensions, so biases and normalisations stay free. The penalty is that of the mean loss: it
 * does not grow with the batch. It counts in the gradient, not in the reported loss.
 */
public final class PenalizedLoss implements Loss {
  private static final long serialVersionUID = 1L;

  private final Loss loss;
  private final double l1;
  private final double l2;

  /** A loss with penalties; 0 for none. */
  public PenalizedLoss(Loss loss, double l1, double l2) {
    this.loss = loss;
    this.l1 = l1;
    this.l2 = l2;
  }

  static PenalizedLoss of(Spec spec) {
    spec.allow("loss", "l1", "l2");
    return new PenalizedLoss(
        Losses.of(spec.spec("loss")), spec.number("l1", 0), spec.number("l2", 0));
  }

  @Override
  public Tensor perSample(Tensor output, Targets target) {
    return loss.perSample(output, target);
  }

  @Override
  public Tensor forward(Tensor output, Targets target, Reduction reduction) {
    return loss.forward(output, target, reduction);
  }

  @Override
  public double weight(Targets target) {
    return loss.weight(target);
  }

  @Override
  public double weight(Targets target, Tensor rows) {
    return loss.weight(target, rows);
  }

  @Override
  public boolean counts(int label) {
    return loss.counts(label);
  }

  @Override
  public Optional<Tensor> penalty(Module model) {
    return model.namedParameters().values().stream()
        .map(Parameter::tensor)
        .filter(weight -> weight.shape().rank() > 1)
        .map(weight -> weight.norm1().mul(l1).add(weight.square().sum().mul(l2)))
        .reduce(Tensor::add);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("PenalizedLoss", "loss", loss.toSpec()).with("l1", l1, 0.0).with("l2", l2, 0.0);
  }
}
