package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Layer-wise adaptive moments (You et al., 2020, algorithm 2). For each tensor, at step t from one:
 *
 * <pre>
 * m = beta1 * m + (1 - beta1) * gradient
 * v = beta2 * v + (1 - beta2) * gradient^2
 * r = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay * p
 * p = p - lr * |p| / |r| * r                       (the ratio is 1 where either norm is 0)
 * </pre>
 *
 * <p>Biases and normalisation are mostly left out, by a group {@code {dims: 1, weight_decay: 0,
 * trust: false}}.
 *
 * @param lr learning rate, 0.001 by default
 * @param beta1 decay of the first moment, 0.9 by default; {@code betas[0]} when written
 * @param beta2 decay of the second moment, 0.999 by default; {@code betas[1]} when written
 * @param eps keeps the division finite, 1e-6 by default
 * @param weightDecay decay of the parameter itself, 0.01 by default
 * @param trust false: the ratio is 1 and this is {@link AdamW}; true by default
 */
public record LAMB(
    double lr, double beta1, double beta2, double eps, double weightDecay, boolean trust)
    implements TrustRatio {

  /** Checks the ranges. */
  public LAMB {
    Hyperparameters.adam("LAMB", lr, beta1, beta2, eps, weightDecay);
  }

  /** LAMB with the defaults. */
  public LAMB(double lr) {
    this(lr, 0.9, 0.999, 1e-6, 0.01, true);
  }

  static LAMB of(Spec spec) {
    spec.allow("lr", "betas", "eps", "weight_decay", "trust");
    return new LAMB(
        spec.number("lr", 1e-3),
        Hyperparameters.beta(spec, 0),
        Hyperparameters.beta(spec, 1),
        spec.number("eps", 1e-6),
        spec.number("weight_decay", 0.01),
        spec.flag("trust", true));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "LAMB",
        "lr",
        lr,
        "betas",
        List.of(beta1, beta2),
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "trust",
        trust);
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public double ratio(double parameterNorm, double directionNorm) {
    return !trust || parameterNorm == 0 || directionNorm == 0 ? 1 : parameterNorm / directionNorm;
  }

  @Override
  public void direction(Update u) {
    float[] next = u.scratch();
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] m = u.state[0];
    float[] v = u.state[1];
    float scale = u.gradientScale;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float firstScale = firstScale(u.step);
    float rootScale = rootScale(u.step);
    float epsilon = (float) eps;
    float decay = (float) weightDecay;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float g = gradient[i] * scale;
      float first = Underflow.avoid(keep1 * m[i] + take1 * g);
      float second = Underflow.avoid(keep2 * v[i] + take2 * (g * g));
      float root = (float) Math.sqrt(second) * rootScale + epsilon;
      next[i] = firstScale * first / root + decay * current[i];
    }
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float[] m = u.state[0];
    float[] v = u.state[1];
    float scale = u.gradientScale;
    float rate = u.lr * u.trust;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float firstScale = firstScale(u.step);
    float rootScale = rootScale(u.step);
    float epsilon = (float) eps;
    float decay = (float) weightDecay;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale;
      float first = Underflow.avoid(keep1 * m[i] + take1 * g);
      float second = Underflow.avoid(keep2 * v[i] + take2 * (g * g));
      m[i] = first;
      v[i] = second;
      float root = (float) Math.sqrt(second) * rootScale + epsilon;
      next[i] = p - rate * (firstScale * first / root + decay * p);
    }
  }

  private float firstScale(long step) {
    return (float) (1 / (1 - Hyperparameters.power(beta1, step + 1)));
  }

  private float rootScale(long step) {
    return (float) (1 / Math.sqrt(1 - Hyperparameters.power(beta2, step + 1)));
  }
}
