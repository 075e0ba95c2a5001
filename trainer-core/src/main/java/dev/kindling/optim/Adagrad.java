package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Adagrad (Duchi, Hazan and Singer, 2011), with PyTorch's arithmetic. At step t, counted from one:
 *
 * <pre>
 * g = gradient + weightDecay * p
 * s = s + g^2
 * p = p - lr / (1 + (t - 1) * lrDecay) * g / (sqrt(s) + eps)
 * </pre>
 *
 * @param lr learning rate, 0.01 by default
 * @param lrDecay decay of the learning rate, 0 by default
 * @param weightDecay L2 penalty, 0 by default
 * @param initialAccumulatorValue where s begins, 0 by default
 * @param eps keeps the division finite, 1e-10 by default
 */
public record Adagrad(
    double lr, double lrDecay, double weightDecay, double initialAccumulatorValue, double eps)
    implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public Adagrad {
    Hyperparameters.notNegative("Adagrad", "lr", lr);
    Hyperparameters.notNegative("Adagrad", "lr_decay", lrDecay);
    Hyperparameters.notNegative("Adagrad", "weight_decay", weightDecay);
    Hyperparameters.notNegative("Adagrad", "initial_accumulator_value", initialAccumulatorValue);
    Hyperparameters.notNegative("Adagrad", "eps", eps);
  }

  /** Adagrad with PyTorch's defaults. */
  public Adagrad(double lr) {
    this(lr, 0, 0, 0, 1e-10);
  }

  static Adagrad of(Spec spec) {
    spec.allow("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps");
    return new Adagrad(
        spec.number("lr", 1e-2),
        spec.number("lr_decay", 0),
        spec.number("weight_decay", 0),
        spec.number("initial_accumulator_value", 0),
        spec.number("eps", 1e-10));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "Adagrad",
        "lr",
        lr,
        "lr_decay",
        lrDecay,
        "weight_decay",
        weightDecay,
        "initial_accumulator_value",
        initialAccumulatorValue,
        "eps",
        eps);
  }

  @Override
  public List<String> stateNames() {
    return List.of("sum");
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.alignedGradient();
    float[] current = u.current;
    float[] next = u.next;
    float[] sum = u.state[0];
    float scale = u.gradientScale;
    float rate = (float) (u.lr / (1 + u.step * lrDecay));
    float decay = (float) weightDecay;
    // State arrays begin at zero; the first step brings the initial value in.
    float initial = u.step == 0 ? (float) initialAccumulatorValue : 0;
    float epsilon = (float) eps;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float s = sum[i] + initial + g * g;
      sum[i] = s;
      next[i] = p - rate * g / ((float) Math.sqrt(s) + epsilon);
    }
  }
}
