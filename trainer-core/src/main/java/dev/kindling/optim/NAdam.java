package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Adam with Nesterov momentum (Dozat, 2016), with PyTorch's arithmetic. At step t, counted from
 * one:
 *
 * <pre>
 * g = gradient + weightDecay * p                     (unless the decay is decoupled)
 * mu(t) = beta1 * (1 - 0.96^(t * momentumDecay) / 2)
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g^2
 * a = (1 - mu(t)) / (1 - mu(1)...mu(t)) * g + mu(t+1) / (1 - mu(1)...mu(t+1)) * m
 * p = p - lr * a / (sqrt(v / (1 - beta2^t)) + eps)   (decoupled: p = (1 - lr * weightDecay) * p - ...)
 * </pre>
 *
 * @param lr learning rate, 0.002 by default
 * @param beta1 decay of the first moment, 0.9 by default; {@code betas[0]} when written
 * @param beta2 decay of the second moment, 0.999 by default; {@code betas[1]} when written
 * @param eps keeps the division finite, 1e-8 by default
 * @param weightDecay L2 penalty, 0 by default
 * @param momentumDecay how fast mu rises from beta1 / 2 to beta1, 0.004 by default
 * @param decoupledWeightDecay decays the parameter instead, as {@link AdamW} does; not by default
 */
public record NAdam(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    double momentumDecay,
    boolean decoupledWeightDecay)
    implements Optimizer {

  /** The natural logarithm of 0.96. */
  private static final double LOG_OF_096 = -0.040821994520255166;

  /** A product below it leaves 1 - product at 1. */
  private static final double NOTHING = 0x1p-54;

  /** Checks the ranges that PyTorch checks. */
  public NAdam {
    Hyperparameters.adam("NAdam", lr, beta1, beta2, eps, weightDecay);
    Hyperparameters.notNegative("NAdam", "momentum_decay", momentumDecay);
  }

  /** NAdam with PyTorch's defaults. */
  public NAdam(double lr) {
    this(lr, 0.9, 0.999, 1e-8, 0, 4e-3, false);
  }

  static NAdam of(Spec spec) {
    spec.allow("lr", "betas", "eps", "weight_decay", "momentum_decay", "decoupled_weight_decay");
    return new NAdam(
        spec.number("lr", 2e-3),
        Hyperparameters.beta(spec, 0),
        Hyperparameters.beta(spec, 1),
        spec.number("eps", 1e-8),
        spec.number("weight_decay", 0),
        spec.number("momentum_decay", 4e-3),
        spec.flag("decoupled_weight_decay", false));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "NAdam",
        "lr",
        lr,
        "betas",
        List.of(beta1, beta2),
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "momentum_decay",
        momentumDecay,
        "decoupled_weight_decay",
        decoupledWeightDecay);
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public void update(Update u) {
    // StrictMath, not Math: the same bits on every JVM. Its exp allocates nothing, its pow does.
    double ratio = StrictMath.exp(momentumDecay * LOG_OF_096);
    double now = mu(ratio, u.step + 1);
    double then = mu(ratio, u.step + 2);
    double product = muProduct(ratio, u.step + 1);
    move(
        u,
        (float) (u.lr * (1 - now) / (1 - product)),
        (float) (u.lr * then / (1 - product * then)),
        (float) (1 / Math.sqrt(1 - Hyperparameters.power(beta2, u.step + 1))));
  }

  private double mu(double ratio, long t) {
    return beta1 * (1 - 0.5 * Hyperparameters.power(ratio, t));
  }

  /** {@code mu(1)...mu(t)}, from the step alone: no state to keep; 355 factors at most for 0.9. */
  private double muProduct(double ratio, long t) {
    double power = 1;
    double product = 1;
    for (long i = 1; i <= t && product > NOTHING; i++) {
      power *= ratio;
      product *= beta1 * (1 - 0.5 * power);
    }
    return product;
  }

  private void move(Update u, float gradientStep, float momentStep, float rootScale) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float[] m = u.state[0];
    float[] v = u.state[1];
    float scale = u.gradientScale;
    float penalty = decoupledWeightDecay ? 0 : (float) weightDecay;
    float keep = decoupledWeightDecay ? (float) (1 - u.lr * weightDecay) : 1;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float epsilon = (float) eps;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + penalty * p;
      float first = Underflow.avoid(keep1 * m[i] + take1 * g);
      float second = Underflow.avoid(keep2 * v[i] + take2 * (g * g));
      m[i] = first;
      v[i] = second;
      float root = (float) Math.sqrt(second) * rootScale + epsilon;
      next[i] = keep * p - (gradientStep * g + momentStep * first) / root;
    }
  }
}
