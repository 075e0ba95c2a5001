package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Stochastic gradient descent with momentum.
 *
 * <pre>
 * g = gradient + weightDecay * p
 * b = g at the first step, momentum * b + (1 - dampening) * g afterwards    (momentum != 0)
 * g = nesterov ? g + momentum * b : b
 * p = p - lr * g
 * </pre>
 *
 * @param lr learning rate
 * @param momentum 0 for plain gradient descent
 * @param dampening of the momentum
 * @param weightDecay L2 penalty
 * @param nesterov look-ahead momentum; needs momentum and no dampening
 */
public record SGD(float lr, float momentum, float dampening, float weightDecay, boolean nesterov)
    implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public SGD {
    Hyperparameters.notNegative("SGD", "lr", lr);
    Hyperparameters.notNegative("SGD", "momentum", momentum);
    Hyperparameters.notNegative("SGD", "weight_decay", weightDecay);
    if (nesterov && (momentum <= 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "SGD: nesterov needs momentum > 0 and dampening = 0; they are "
              + momentum
              + " and "
              + dampening);
    }
  }

  /** Plain gradient descent. */
  public SGD(double lr) {
    this(lr, 0);
  }

  /** Gradient descent with momentum. */
  public SGD(double lr, double momentum) {
    this((float) lr, (float) momentum, 0, 0, false);
  }

  static SGD of(Spec spec) {
    spec.allow("lr", "momentum", "dampening", "weight_decay", "nesterov");
    return new SGD(
        (float) spec.number("lr", 1e-3),
        (float) spec.number("momentum", 0),
        (float) spec.number("dampening", 0),
        (float) spec.number("weight_decay", 0),
        spec.flag("nesterov", false));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "SGD",
        "lr",
        lr,
        "momentum",
        momentum,
        "dampening",
        dampening,
        "weight_decay",
        weightDecay,
        "nesterov",
        nesterov);
  }

  @Override
  public List<String> stateNames() {
    return momentum == 0 ? List.of() : List.of("momentum_buffer");
  }

  @Override
  public void update(Update u) {
    if (momentum == 0) {
      plain(u);
    } else {
      withMomentum(u, u.state[0]);
    }
  }

  private void plain(Update u) {
    float[] current = u.current;
    float[] next = u.next;
    float[] gradient = u.gradient;
    float scale = u.gradientScale;
    float lr = u.lr;
    float decay = weightDecay;
    int shift = u.gradientFrom - u.from;
    for (int i = u.from; i < u.to; i++) {
      float p = current[i];
      next[i] = p - lr * (gradient[i + shift] * scale + decay * p);
    }
  }

  private void withMomentum(Update u, float[] buffer) {
    float[] current = u.current;
    float[] next = u.next;
    float[] gradient = u.gradient;
    float scale = u.gradientScale;
    float lr = u.lr;
    float decay = weightDecay;
    float keep = u.step == 0 ? 0 : momentum;
    float take = u.step == 0 ? 1 : 1 - dampening;
    float gradientShare = nesterov ? 1 : 0;
    float bufferShare = nesterov ? momentum : 1;
    int shift = u.gradientFrom - u.from;
    for (int i = u.from; i < u.to; i++) {
      float p = current[i];
      float g = gradient[i + shift] * scale + decay * p;
      float b = keep * buffer[i] + take * g;
      buffer[i] = b;
      next[i] = p - lr * (gradientShare * g + bufferShare * b);
    }
  }
}
