package dev.kindling.federated.privacy;

/**
 * The complementary error function {@code erfc(x) = 2 / sqrt(pi) * integral from x of exp(-t^2)},
 * as a logarithm, so that its tail does not vanish. Relative error below 1e-13.
 */
final class ErrorFunction {
  private static final double LOG_ROOT_PI = StrictMath.log(StrictMath.PI) / 2;

  /** From here on the continued fraction needs few terms. */
  private static final double TAIL = 2;

  private static final int FRACTION_TERMS = 120;

  private ErrorFunction() {}

  /** {@code ln erfc(x)}. */
  static double logErfc(double x) {
    if (x < 0) {
      return StrictMath.log(2 - StrictMath.exp(logErfc(-x)));
    }
    return x < TAIL ? StrictMath.log(1 - erf(x)) : logTail(x);
  }

  /**
   * {@code erf(x) = 2 x exp(-x^2) / sqrt(pi) * sum of (2 x^2)^n / (1 * 3 * ... * (2n + 1))}: no
   * term is negative, so nothing cancels.
   */
  private static double erf(double x) {
    double term = 1;
    double sum = 1;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 * x * StrictMath.exp(-x * x - LOG_ROOT_PI) * sum;
  }

  /** {@code erfc(x) = exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...))))}. */
  private static double logTail(double x) {
    double below = x;
    for (int n = FRACTION_TERMS; n > 0; n--) {
      below = x + n / 2.0 / below;
    }
    return -x * x - LOG_ROOT_PI - StrictMath.log(below);
  }
}
