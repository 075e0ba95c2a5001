package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Layer-wise adaptive rate scaling (You, Gitman and Ginsburg, 2017). For each tensor:
 *
 * <pre>
 * trust = trustCoefficient * |p| / (|gradient| + weightDecay * |p| + eps)    (1 where either norm is 0)
 * b = momentum * b + trust * (gradient + weightDecay * p)
 * p = p - lr * b
 * </pre>
 *
 * <p>The learning rate stands outside of the buffer: the momentum-corrected form, see {@link SGD}.
 * Biases and normalisation are mostly left out, by a group {@code {dims: 1, weight_decay: 0, trust:
 * false}}.
 *
 * @param lr learning rate, 0.1 by default
 * @param momentum 0.9 by default
 * @param weightDecay L2 penalty, 0 by default
 * @param trustCoefficient eta of the paper, 0.001 by default
 * @param eps keeps the division finite, 0 by default
 * @param trust false: the ratio is 1 and this is {@link SGD}; true by default
 */
public record LARS(
    double lr,
    double momentum,
    double weightDecay,
    double trustCoefficient,
    double eps,
    boolean trust)
    implements TrustRatio {

  /** Checks the ranges. */
  public LARS {
    Hyperparameters.notNegative("LARS", "lr", lr);
    Hyperparameters.notNegative("LARS", "momentum", momentum);
    Hyperparameters.notNegative("LARS", "weight_decay", weightDecay);
    Hyperparameters.notNegative("LARS", "trust_coefficient", trustCoefficient);
    Hyperparameters.notNegative("LARS", "eps", eps);
  }

  /** LARS with the defaults. */
  public LARS(double lr) {
    this(lr, 0.9, 0, 1e-3, 0, true);
  }

  static LARS of(Spec spec) {
    spec.allow("lr", "momentum", "weight_decay", "trust_coefficient", "eps", "trust");
    return new LARS(
        spec.number("lr", 0.1),
        spec.number("momentum", 0.9),
        spec.number("weight_decay", 0),
        spec.number("trust_coefficient", 1e-3),
        spec.number("eps", 0),
        spec.flag("trust", true));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "LARS",
        "lr",
        lr,
        "momentum",
        momentum,
        "weight_decay",
        weightDecay,
        "trust_coefficient",
        trustCoefficient,
        "eps",
        eps,
        "trust",
        trust);
  }

  @Override
  public List<String> stateNames() {
    return List.of("momentum_buffer");
  }

  @Override
  public double ratio(double parameterNorm, double directionNorm) {
    if (!trust || parameterNorm == 0 || directionNorm == 0) {
      return 1;
    }
    return trustCoefficient * parameterNorm / (directionNorm + weightDecay * parameterNorm + eps);
  }

  @Override
  public void direction(Update u) {
    float[] next = u.scratch();
    float[] gradient = u.alignedGradient();
    float scale = u.gradientScale;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      next[i] = gradient[i] * scale;
    }
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float[] buffer = u.state[0];
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = (float) momentum;
    float take = u.trust;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float b = Underflow.avoid(keep * buffer[i] + take * (gradient[i] * scale + decay * p));
      buffer[i] = b;
      next[i] = p - rate * b;
    }
  }
}
