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
 * <p>The learning rate stands outside of the buffer. So a change of the rate acts at once on the
 * whole step, which is what the momentum correction of Goyal et al. (2017, section 3) gives to the
 * form with the rate inside: no correction is needed here.
 *
 * @param lr learning rate, 0.001 by default
 * @param momentum 0 for plain gradient descent
 * @param dampening of the momentum
 * @param weightDecay L2 penalty
 * @param nesterov look-ahead momentum; needs momentum and no dampening
 */
public record SGD(
    double lr, double momentum, double dampening, double weightDecay, boolean nesterov)
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
    this(lr, momentum, 0, 0, false);
  }

  static SGD of(Spec spec) {
    spec.allow("lr", "momentum", "dampening", "weight_decay", "nesterov");
    return new SGD(
        spec.number("lr", 1e-3),
        spec.number("momentum", 0),
        spec.number("dampening", 0),
        spec.number("weight_decay", 0),
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
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      next[i] = p - rate * (gradient[i] * scale + decay * p);
    }
  }

  private void withMomentum(Update u, float[] buffer) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = u.step == 0 ? 0 : (float) momentum;
    float take = u.step == 0 ? 1 : (float) (1 - dampening);
    float gradientShare = nesterov ? 1 : 0;
    float bufferShare = nesterov ? (float) momentum : 1;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float b = Underflow.avoid(keep * buffer[i] + take * g);
      buffer[i] = b;
      next[i] = p - rate * (gradientShare * g + bufferShare * b);
    }
  }
}
