package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Adadelta (Zeiler, 2012), with PyTorch's arithmetic.
 *
 * <pre>
 * g = gradient + weightDecay * p
 * s = rho * s + (1 - rho) * g^2
 * d = sqrt(a + eps) / sqrt(s + eps) * g
 * a = rho * a + (1 - rho) * d^2
 * p = p - lr * d
 * </pre>
 *
 * @param lr factor on the step, 1 by default
 * @param rho decay of both averages, 0.9 by default
 * @param eps keeps the division finite and starts the movement, 1e-6 by default
 * @param weightDecay L2 penalty, 0 by default
 */
public record Adadelta(double lr, double rho, double eps, double weightDecay) implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public Adadelta {
    Hyperparameters.notNegative("Adadelta", "lr", lr);
    Hyperparameters.fraction("Adadelta", "rho", rho);
    Hyperparameters.notNegative("Adadelta", "eps", eps);
    Hyperparameters.notNegative("Adadelta", "weight_decay", weightDecay);
  }

  /** Adadelta with PyTorch's defaults. */
  public Adadelta(double lr) {
    this(lr, 0.9, 1e-6, 0);
  }

  static Adadelta of(Spec spec) {
    spec.allow("lr", "rho", "eps", "weight_decay");
    return new Adadelta(
        spec.number("lr", 1),
        spec.number("rho", 0.9),
        spec.number("eps", 1e-6),
        spec.number("weight_decay", 0));
  }

  @Override
  public Spec toSpec() {
    return Spec.of("Adadelta", "lr", lr, "rho", rho, "eps", eps, "weight_decay", weightDecay);
  }

  @Override
  public List<String> stateNames() {
    return List.of("square_avg", "acc_delta");
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float[] squares = u.state[0];
    float[] deltas = u.state[1];
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = (float) rho;
    float take = (float) (1 - rho);
    float epsilon = (float) eps;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float s = Underflow.avoid(keep * squares[i] + take * (g * g));
      float a = deltas[i];
      float d = (float) Math.sqrt(a + epsilon) / (float) Math.sqrt(s + epsilon) * g;
      squares[i] = s;
      deltas[i] = Underflow.avoid(keep * a + take * (d * d));
      next[i] = p - rate * d;
    }
  }
}
