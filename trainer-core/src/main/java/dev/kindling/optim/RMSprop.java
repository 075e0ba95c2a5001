package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * RMSprop (Hinton, 2012; centered: Graves, 2013), with PyTorch's arithmetic.
 *
 * <pre>
 * g = gradient + weightDecay * p
 * s = alpha * s + (1 - alpha) * g^2
 * a = alpha * a + (1 - alpha) * g                     (centered)
 * r = sqrt(centered ? s - a^2 : s) + eps
 * b = momentum * b + g / r                            (momentum != 0)
 * p = p - lr * (momentum != 0 ? b : g / r)
 * </pre>
 *
 * @param lr learning rate, 0.01 by default
 * @param alpha decay of the averages, 0.99 by default
 * @param eps keeps the division finite, 1e-8 by default
 * @param weightDecay L2 penalty, 0 by default
 * @param momentum 0 by default
 * @param centered divides by an estimate of the deviation, not by default
 */
public record RMSprop(
    double lr, double alpha, double eps, double weightDecay, double momentum, boolean centered)
    implements Optimizer {

  /** Checks the ranges that PyTorch checks. */
  public RMSprop {
    Hyperparameters.notNegative("RMSprop", "lr", lr);
    Hyperparameters.fraction("RMSprop", "alpha", alpha);
    Hyperparameters.notNegative("RMSprop", "eps", eps);
    Hyperparameters.notNegative("RMSprop", "weight_decay", weightDecay);
    Hyperparameters.notNegative("RMSprop", "momentum", momentum);
  }

  /** RMSprop with PyTorch's defaults. */
  public RMSprop(double lr) {
    this(lr, 0.99, 1e-8, 0, 0, false);
  }

  static RMSprop of(Spec spec) {
    spec.allow("lr", "alpha", "eps", "weight_decay", "momentum", "centered");
    return new RMSprop(
        spec.number("lr", 1e-2),
        spec.number("alpha", 0.99),
        spec.number("eps", 1e-8),
        spec.number("weight_decay", 0),
        spec.number("momentum", 0),
        spec.flag("centered", false));
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "RMSprop",
        "lr",
        lr,
        "alpha",
        alpha,
        "eps",
        eps,
        "weight_decay",
        weightDecay,
        "momentum",
        momentum,
        "centered",
        centered);
  }

  @Override
  public List<String> stateNames() {
    List<String> names = new ArrayList<>(List.of("square_avg"));
    if (momentum != 0) {
      names.add("momentum_buffer");
    }
    if (centered) {
      names.add("grad_avg");
    }
    return List.copyOf(names);
  }

  @Override
  public void update(Update u) {
    float[] gradient = u.alignedGradient();
    if (momentum == 0 && !centered) {
      plain(u, gradient, u.state[0]);
    } else if (!centered) {
      withMomentum(u, gradient, u.state[0], u.state[1]);
    } else if (momentum == 0) {
      centered(u, gradient, u.state[0], u.state[1]);
    } else {
      centeredWithMomentum(u, gradient);
    }
  }

  private void plain(Update u, float[] gradient, float[] squares) {
    float[] current = u.current;
    float[] next = u.next;
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    float epsilon = (float) eps;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float s = Underflow.avoid(keep * squares[i] + take * (g * g));
      squares[i] = s;
      next[i] = p - rate * g / ((float) Math.sqrt(s) + epsilon);
    }
  }

  private void withMomentum(Update u, float[] gradient, float[] squares, float[] buffer) {
    float[] current = u.current;
    float[] next = u.next;
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    float epsilon = (float) eps;
    float inertia = (float) momentum;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float s = Underflow.avoid(keep * squares[i] + take * (g * g));
      float b = Underflow.avoid(inertia * buffer[i] + g / ((float) Math.sqrt(s) + epsilon));
      squares[i] = s;
      buffer[i] = b;
      next[i] = p - rate * b;
    }
  }

  // In float32 s - a^2 may fall a rounding below zero; its size is then the better estimate.

  private void centered(Update u, float[] gradient, float[] squares, float[] means) {
    float[] current = u.current;
    float[] next = u.next;
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    float epsilon = (float) eps;
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float s = Underflow.avoid(keep * squares[i] + take * (g * g));
      float a = Underflow.avoid(keep * means[i] + take * g);
      squares[i] = s;
      means[i] = a;
      next[i] = p - rate * g / ((float) Math.sqrt(Math.abs(s - a * a)) + epsilon);
    }
  }

  /** Two loops over pieces that stay in the nearest cache: one loop is too long to vectorise. */
  private void centeredWithMomentum(Update u, float[] gradient) {
    for (int from = u.from; from < u.to; from += Update.PIECE) {
      int to = Math.min(u.to, from + Update.PIECE);
      averages(u, gradient, from, to);
      moveByMomentum(u, gradient, from, to);
    }
  }

  private void averages(Update u, float[] gradient, int from, int to) {
    float[] current = u.current;
    float[] squares = u.state[0];
    float[] means = u.state[2];
    float scale = u.gradientScale;
    float decay = (float) weightDecay;
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    for (int i = from; i < to; i++) {
      float g = gradient[i] * scale + decay * current[i];
      squares[i] = Underflow.avoid(keep * squares[i] + take * (g * g));
      means[i] = Underflow.avoid(keep * means[i] + take * g);
    }
  }

  private void moveByMomentum(Update u, float[] gradient, int from, int to) {
    float[] current = u.current;
    float[] next = u.next;
    float[] squares = u.state[0];
    float[] buffer = u.state[1];
    float[] means = u.state[2];
    float scale = u.gradientScale;
    float rate = u.lr;
    float decay = (float) weightDecay;
    float epsilon = (float) eps;
    float inertia = (float) momentum;
    for (int i = from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + decay * p;
      float a = means[i];
      float b =
          Underflow.avoid(
              inertia * buffer[i]
                  + g / ((float) Math.sqrt(Math.abs(squares[i] - a * a)) + epsilon));
      buffer[i] = b;
      next[i] = p - rate * b;
    }
  }
}
