package dev.kindling.federated.privacy;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How much a run of rounds gives away of one client: an (epsilon, delta) bound for the subsampled
 * Gaussian mechanism, by way of Renyi divergences, which add up over the rounds (Mironov et al.,
 * 2019). Of a fixed set of orders alpha the best one counts:
 *
 * <pre>
 * epsilon = min over alpha of rounds * RDP(alpha) + ln((alpha - 1) / alpha)
 *                             - (ln delta + ln alpha) / (alpha - 1)
 * </pre>
 *
 * <p>(Balle et al., 2020, theorem 21). It holds if each client takes part in each round with
 * probability q, independently. Immutable.
 */
public final class PrivacyAccountant {
  private static final double[] ORDERS =
      DoubleStream.concat(
              IntStream.rangeClosed(11, 109).mapToDouble(tenth -> tenth / 10.0),
              IntStream.concat(IntStream.rangeClosed(12, 63), IntStream.of(128, 256, 512))
                  .asDoubleStream())
          .toArray();

  private final SubsampledGaussian mechanism;
  private final double[] divergences;

  /**
   * The account of one kind of round.
   *
   * @param noiseMultiplier sigma: the noise's deviation over the clipping norm
   * @param sampleRate q: the probability that a client takes part
   */
  public PrivacyAccountant(double noiseMultiplier, double sampleRate) {
    require(noiseMultiplier > 0, "noise_multiplier", noiseMultiplier, "above 0");
    require(sampleRate > 0 && sampleRate <= 1, "the sample rate", sampleRate, "in (0, 1]");
    mechanism = new SubsampledGaussian(sampleRate, noiseMultiplier);
    divergences = DoubleStream.of(ORDERS).map(mechanism::rdp).toArray();
  }

  private static void require(boolean isGood, String what, double value, String wanted) {
    if (!isGood) {
      throw new IllegalArgumentException(
          "privacy: %s is %s; it must be %s".formatted(what, value, wanted));
    }
  }

  /**
   * The Renyi divergence of order alpha after some rounds; where alpha is not whole a bound from
   * above with the published digits, which {@link #epsilon} is not loosened by.
   */
  public double rdp(double alpha, long rounds) {
    require(alpha > 1, "the order", alpha, "above 1");
    return rounds * mechanism.boundFromAbove(alpha);
  }

  /**
   * The smallest epsilon that can be shown after some rounds; 0 before the first.
   *
   * @param delta probability with which the bound may fail; well below one over the clients
   */
  public double epsilon(long rounds, double delta) {
    require(delta > 0 && delta < 1, "delta", delta, "in (0, 1)");
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < ORDERS.length && rounds > 0; i++) {
      least = Math.min(least, epsilon(ORDERS[i], rounds * divergences[i], delta));
    }
    return rounds == 0 ? 0 : Math.max(0, least);
  }

  private static double epsilon(double alpha, double divergence, double delta) {
    return divergence
        + StrictMath.log((alpha - 1) / alpha)
        - (StrictMath.log(delta) + StrictMath.log(alpha)) / (alpha - 1);
  }
}
