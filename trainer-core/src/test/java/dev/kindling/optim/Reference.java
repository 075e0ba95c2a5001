package dev.kindling.optim;

import java.util.SplittableRandom;

/** The published formula of an update rule for one parameter, in double precision. */
interface Reference {
  /**
   * One step.
   *
   * @param t the step, counted from one
   * @param p the parameter
   * @param g its gradient
   * @param s four numbers of its own, zero before the first step
   * @return the parameter afterwards
   */
  double step(int t, double p, double g, double[] s);

  static Reference sgd(double lr, double momentum, double dampening, double decay, boolean look) {
    return (t, p, gradient, s) -> {
      double g = gradient + decay * p;
      s[0] = t == 1 ? g : momentum * s[0] + (1 - dampening) * g;
      return p - lr * (momentum == 0 ? g : look ? g + momentum * s[0] : s[0]);
    };
  }

  static Reference adam(
      double lr, double beta1, double beta2, double eps, double l2, double decay, boolean amsgrad) {
    return (t, p, gradient, s) -> {
      double g = gradient + l2 * p;
      s[0] = beta1 * s[0] + (1 - beta1) * g;
      s[1] = beta2 * s[1] + (1 - beta2) * g * g;
      s[2] = Math.max(s[2], s[1]);
      double v = (amsgrad ? s[2] : s[1]) / (1 - Math.pow(beta2, t));
      double m = s[0] / (1 - Math.pow(beta1, t));
      return p - lr * decay * p - lr * m / (Math.sqrt(v) + eps);
    };
  }

  static Reference nadam(
      double lr, double beta1, double beta2, double eps, double l2, double decay, double psi) {
    return (t, p, gradient, s) -> {
      double g = gradient + l2 * p;
      double mu = beta1 * (1 - 0.5 * Math.pow(0.96, t * psi));
      double muNext = beta1 * (1 - 0.5 * Math.pow(0.96, (t + 1) * psi));
      s[2] = t == 1 ? mu : s[2] * mu;
      s[0] = beta1 * s[0] + (1 - beta1) * g;
      s[1] = beta2 * s[1] + (1 - beta2) * g * g;
      double m = muNext * s[0] / (1 - s[2] * muNext) + (1 - mu) * g / (1 - s[2]);
      return p - lr * decay * p - lr * m / (Math.sqrt(s[1] / (1 - Math.pow(beta2, t))) + eps);
    };
  }

  static Reference adagrad(double lr, double lrDecay, double l2, double initial, double eps) {
    return (t, p, gradient, s) -> {
      double g = gradient + l2 * p;
      s[0] = (t == 1 ? initial : s[0]) + g * g;
      return p - lr / (1 + (t - 1) * lrDecay) * g / (Math.sqrt(s[0]) + eps);
    };
  }

  static Reference adadelta(double lr, double rho, double eps, double l2) {
    return (t, p, gradient, s) -> {
      double g = gradient + l2 * p;
      s[0] = rho * s[0] + (1 - rho) * g * g;
      double d = Math.sqrt(s[1] + eps) / Math.sqrt(s[0] + eps) * g;
      s[1] = rho * s[1] + (1 - rho) * d * d;
      return p - lr * d;
    };
  }

  static Reference rmsprop(
      double lr, double alpha, double eps, double l2, double momentum, boolean centered) {
    return (t, p, gradient, s) -> {
      double g = gradient + l2 * p;
      s[0] = alpha * s[0] + (1 - alpha) * g * g;
      s[1] = alpha * s[1] + (1 - alpha) * g;
      double root = Math.sqrt(centered ? s[0] - s[1] * s[1] : s[0]) + eps;
      s[2] = momentum * s[2] + g / root;
      return p - lr * s[2];
    };
  }

  /** Gaussian numbers from a seed. */
  static float[] gaussian(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
