package dev.kindling.federated.privacy;

/**
 * Renyi divergence of one use of the Gaussian mechanism on a Poisson sample (Mironov, Talwar and
 * Zhang, 2019): each client takes part with probability q, and the sum of updates of norm at most S
 * gets noise of deviation {@code sigma * S}.
 *
 * <pre>
 * RDP(alpha) = ln A / (alpha - 1)
 * A = sum over k of binomial(alpha, k) (1 - q)^(alpha - k) q^k exp(k (k - 1) / (2 sigma^2))
 * </pre>
 *
 * <p>for whole alpha; for others two infinite series with erfc (section 3.3 of the paper). All in
 * logarithms.
 *
 * @param q probability that a client takes part, above 0, up to 1
 * @param sigma the noise multiplier, above 0
 */
record SubsampledGaussian(double q, double sigma) {
  /** Terms of the series smaller than this are left out: e to its power. */
  private static final double SMALLEST = -40;

  /** The divergence of order alpha above 1. */
  double rdp(double alpha) {
    if (q == 1) {
      return alpha / (2 * sigma * sigma);
    }
    double logA = alpha == StrictMath.rint(alpha) ? whole((int) alpha) : fractional(alpha);
    return logA / (alpha - 1);
  }

  private double whole(int alpha) {
    double logSum = Double.NEGATIVE_INFINITY;
    double logBinomial = 0;
    for (int k = 0; k <= alpha; k++) {
      logSum = logAdd(logSum, logBinomial + logTerm(k, alpha - k) + square(k));
      logBinomial += StrictMath.log((double) (alpha - k) / (k + 1));
    }
    return logSum;
  }

  /** {@code ln (q^k (1 - q)^rest)}. */
  private double logTerm(double k, double rest) {
    return k * StrictMath.log(q) + rest * StrictMath.log1p(-q);
  }

  private double square(double k) {
    return k * (k - 1) / (2 * sigma * sigma);
  }

  private double fractional(double alpha) {
    Series series = series(alpha);
    return logAdd(series.lower.log(), series.upper.log());
  }

  /**
   * The divergence; of an order that is not whole with all terms of the series taken as positive: a
   * bound from above, which no cancellation can bring below it, with the digits that dp_accounting
   * publishes.
   */
  double boundFromAbove(double alpha) {
    if (q == 1 || alpha == StrictMath.rint(alpha)) {
      return rdp(alpha);
    }
    Series series = series(alpha);
    return logAdd(series.lower.magnitude(), series.upper.magnitude()) / (alpha - 1);
  }

  /** The density is cut where both parts of the mixture are equal, and each side is a series. */
  private record Series(SignedLog lower, SignedLog upper) {}

  private Series series(double alpha) {
    double cut = sigma * sigma * StrictMath.log(1 / q - 1) + 0.5;
    SignedLog lower = new SignedLog();
    SignedLog upper = new SignedLog();
    double logBinomial = 0;
    int sign = 1;
    for (int k = 0; ; k++) {
      double rest = alpha - k;
      double a = logBinomial + logTerm(k, rest) + square(k) + logHalfErfc(k - cut);
      double b = logBinomial + logTerm(rest, k) + square(rest) + logHalfErfc(cut - rest);
      lower.add(sign, a);
      upper.add(sign, b);
      if (k > alpha && Math.max(a, b) < SMALLEST) {
        return new Series(lower, upper);
      }
      logBinomial += StrictMath.log(Math.abs(rest) / (k + 1));
      sign = rest < 0 ? -sign : sign;
    }
  }

  private double logHalfErfc(double x) {
    return ErrorFunction.logErfc(x / (StrictMath.sqrt(2) * sigma)) - StrictMath.log(2);
  }

  /** {@code ln (e^a + e^b)}. */
  private static double logAdd(double a, double b) {
    double most = Math.max(a, b);
    return most == Double.NEGATIVE_INFINITY
        ? most
        : most + StrictMath.log1p(StrictMath.exp(Math.min(a, b) - most));
  }

  /** A sum of terms of either sign, each given by its logarithm; the sum is positive. */
  private static final class SignedLog {
    private double positive = Double.NEGATIVE_INFINITY;
    private double negative = Double.NEGATIVE_INFINITY;

    void add(int sign, double log) {
      if (sign > 0) {
        positive = logAdd(positive, log);
      } else {
        negative = logAdd(negative, log);
      }
    }

    double magnitude() {
      return logAdd(positive, negative);
    }

    double log() {
      return positive + StrictMath.log1p(-StrictMath.exp(negative - positive));
    }
  }
}
