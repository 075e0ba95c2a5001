package dev.kindling.optim;

/**
 * The loops that {@link Adam} and {@link AdamW} share; one method a loop, so that each vectorises.
 */
final class AdamMoments {
  private AdamMoments() {}

  /**
   * {@code g = gradient + penalty * p}; m and v as moving means of g and g^2; {@code p = keep * p -
   * lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)}, where amsgrad takes the largest
   * v so far.
   */
  static void update(
      Update u,
      double beta1,
      double beta2,
      double eps,
      double penalty,
      double keep,
      boolean amsgrad) {
    float stepSize = (float) (u.lr / (1 - Hyperparameters.power(beta1, u.step + 1)));
    float rootScale = (float) (1 / Math.sqrt(1 - Hyperparameters.power(beta2, u.step + 1)));
    float[] gradient = u.alignedGradient();
    if (amsgrad) {
      for (int from = u.from; from < u.to; from += Update.PIECE) {
        int to = Math.min(u.to, from + Update.PIECE);
        moments(u, gradient, from, to, beta1, beta2, (float) penalty);
        largest(u.state[1], u.state[2], from, to);
        move(u, from, to, stepSize, rootScale, (float) eps, (float) keep);
      }
    } else {
      inOneLoop(
          u,
          gradient,
          beta1,
          beta2,
          (float) penalty,
          stepSize,
          rootScale,
          (float) eps,
          (float) keep);
    }
  }

  private static void inOneLoop(
      Update u,
      float[] gradient,
      double beta1,
      double beta2,
      float penalty,
      float stepSize,
      float rootScale,
      float eps,
      float keep) {
    float[] current = u.current;
    float[] next = u.next;
    float[] m = u.state[0];
    float[] v = u.state[1];
    float scale = u.gradientScale;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    int to = u.to;
    for (int i = u.from; i < to; i++) {
      float p = current[i];
      float g = gradient[i] * scale + penalty * p;
      float first = Underflow.avoid(keep1 * m[i] + take1 * g);
      float second = Underflow.avoid(keep2 * v[i] + take2 * (g * g));
      m[i] = first;
      v[i] = second;
      next[i] = keep * p - stepSize * first / ((float) Math.sqrt(second) * rootScale + eps);
    }
  }

  private static void moments(
      Update u, float[] gradient, int from, int to, double beta1, double beta2, float penalty) {
    float[] current = u.current;
    float[] m = u.state[0];
    float[] v = u.state[1];
    float scale = u.gradientScale;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    for (int i = from; i < to; i++) {
      float g = gradient[i] * scale + penalty * current[i];
      m[i] = Underflow.avoid(keep1 * m[i] + take1 * g);
      v[i] = Underflow.avoid(keep2 * v[i] + take2 * (g * g));
    }
  }

  /** A loop of its own: among other operations Math.max is compiled to branches. */
  private static void largest(float[] v, float[] most, int from, int to) {
    for (int i = from; i < to; i++) {
      most[i] = Math.max(most[i], v[i]);
    }
  }

  private static void move(
      Update u, int from, int to, float stepSize, float rootScale, float eps, float keep) {
    float[] current = u.current;
    float[] next = u.next;
    float[] m = u.state[0];
    float[] most = u.state[2];
    for (int i = from; i < to; i++) {
      next[i] =
          keep * current[i] - stepSize * m[i] / ((float) Math.sqrt(most[i]) * rootScale + eps);
    }
  }
}
