package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;

/** Checks and powers of an optimizer's numbers. */
final class Hyperparameters {
  private Hyperparameters() {}

  static void notNegative(String optimizer, String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be a finite number, zero or more"
              .formatted(optimizer, name, value));
    }
  }

  static void fraction(String optimizer, String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be in [0, 1)".formatted(optimizer, name, value));
    }
  }

  /** What every rule of the Adam family checks. */
  static void adam(
      String optimizer, double lr, double beta1, double beta2, double eps, double weightDecay) {
    notNegative(optimizer, "lr", lr);
    fraction(optimizer, "betas[0]", beta1);
    fraction(optimizer, "betas[1]", beta2);
    notNegative(optimizer, "eps", eps);
    notNegative(optimizer, "weight_decay", weightDecay);
  }

  /** One of the two numbers of {@code betas: [0.9, 0.999]}, or its default. */
  static double beta(Spec spec, int index) {
    if (!spec.has("betas")) {
      return index == 0 ? 0.9 : 0.999;
    }
    List<Object> betas = spec.list("betas");
    if (betas.size() == 2 && betas.get(index) instanceof Number beta) {
      return beta.doubleValue();
    }
    throw new SpecException(
        "%s: argument 'betas' is %s; it must be two numbers, e.g. [0.9, 0.999]"
            .formatted(spec.type(), betas));
  }

  /** {@code base^exponent} by repeated squaring: the same bits on every JVM, nothing allocated. */
  static double power(double base, long exponent) {
    double result = 1;
    double square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }
}
