package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Adam (Kingma and Ba, 2015), with PyTorch's arithmetic. At step t, counted from one:
 *
 * <pre>
 * g = gradient + weightDecay * p
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g^2
 * x = amsgrad ? max(x, v) : v                      (Reddi, Kale and Kumar, 2018)
 * p = p - lr / (1 - beta1^t) * m / (sqrt(x) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * @param lr learning rate, 0.001 by default
 * @param beta1 decay of the first moment, 0.9 by default; {@code betas[0]} when written
 * @param beta2 decay of the second moment, 0.999 by default; {@code betas[1]} when written
 * @param eps keeps the division finite, 1e-8 by default
 * @param weightDecay L2 penalty, 0 by default
 * @param amsgrad divides by the largest second moment so far, not by default
 */
public record Adam(
    double lr, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad)
    implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public Adam {
    Hyperparameters.adam("Adam", lr, beta1, beta2, eps, weightDecay);
  }

  /** Adam with PyTorch's defaults. */
  public Adam(double lr) {
    this(lr, 0.9, 0.999, 1e-8, 0, false);
  }

  static Adam of(Spec spec) {
    spec.allow("lr", "betas", "eps", "weight_decay", "amsgrad");
    return new Adam(
        spec.number("lr", 1e-3),
        Hyperparameters.beta(spec, 0),
        Hyperparameters.beta(spec, 1),
        spec.number("eps", 1e-8),
        spec.number("weight_decay", 0),
        spec.flag("amsgrad", false));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "Adam",
        "lr",
        lr,
        "betas",
        List.of(beta1, beta2),
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "amsgrad",
        amsgrad);
  }

  @Override
  public List<String> stateNames() {
    return amsgrad
        ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
        : List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public void update(Update u) {
    AdamMoments.update(u, beta1, beta2, eps, weightDecay, 1, amsgrad);
  }
}
