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
 * p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 * </pre>
 *
 * @param lr learning rate, 0.001 by default
 * @param beta1 decay of the first moment, 0.9 by default
 * @param beta2 decay of the second moment, 0.999 by default
 * @param eps keeps the division finite, 1e-8 by default
 * @param weightDecay L2 penalty, 0 by default
 */
public record Adam(float lr, double beta1, double beta2, float eps, float weightDecay)
    implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public Adam {
    Hyperparameters.notNegative("Adam", "lr", lr);
    Hyperparameters.fraction("Adam", "beta1", beta1);
    Hyperparameters.fraction("Adam", "beta2", beta2);
    Hyperparameters.notNegative("Adam", "eps", eps);
    Hyperparameters.notNegative("Adam", "weight_decay", weightDecay);
  }

  /** Adam with PyTorch's defaults. */
  public Adam(double lr) {
    this((float) lr, 0.9, 0.999, 1e-8f, 0);
  }

  static Adam of(Spec spec) {
    spec.allow("lr", "beta1", "beta2", "eps", "weight_decay");
    return new Adam(
        (float) spec.number("lr", 1e-3),
        spec.number("beta1", 0.9),
        spec.number("beta2", 0.999),
        (float) spec.number("eps", 1e-8),
        (float) spec.number("weight_decay", 0));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "Adam", "lr", lr, "beta1", beta1, "beta2", beta2, "eps", eps, "weight_decay", weightDecay);
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public void update(Update u) {
    // StrictMath, not Math: the corrections must have the same bits on every JVM.
    double correction1 = 1 - StrictMath.pow(beta1, u.step + 1);
    double correction2 = 1 - StrictMath.pow(beta2, u.step + 1);
    move(
        u,
        u.state[0],
        u.state[1],
        (float) (u.lr / correction1),
        (float) (1 / StrictMath.sqrt(correction2)));
  }

  private void move(Update u, float[] m, float[] v, float stepSize, float rootScale) {
    float[] current = u.current;
    float[] next = u.next;
    float[] gradient = u.gradient;
    float scale = u.gradientScale;
    float decay = weightDecay;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float epsilon = eps;
    int shift = u.gradientFrom - u.from;
    for (int i = u.from; i < u.to; i++) {
      float p = current[i];
      float g = gradient[i + shift] * scale + decay * p;
      float first = keep1 * m[i] + take1 * g;
      float second = keep2 * v[i] + take2 * (g * g);
      m[i] = first;
      v[i] = second;
      next[i] = p - stepSize * first / ((float) Math.sqrt(second) * rootScale + epsilon);
    }
  }
}
