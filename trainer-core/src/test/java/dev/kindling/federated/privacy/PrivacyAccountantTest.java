package dev.kindling.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyAccountantTest {

  @Test
  void epsilonHasThePublishedDigits() {
    assertThat(new PrivacyAccountant(1.5, 0.04).epsilon(2250, 1e-5))
        .isEqualTo(7.32911117143, offset(1e-10)); // theirs ends its series earlier
  }

  @ParameterizedTest
  @CsvSource({
    "1.5, 6.70579741e-4",
    "2.5, 1.08548710e-3",
    "5, 2.18075656e-3",
    "50, 2.38460375e-2",
    "100, 167.416308"
  })
  void divergencesHaveThePublishedDigits(double order, double published) {
    assertThat(new PrivacyAccountant(2.5, 0.01).rdp(order, 50))
        .isCloseTo(published, withinPercentage(5e-7));
  }

  /** The definition: the expectation of the likelihood ratio's power, by the trapezoid rule. */
  @ParameterizedTest
  @CsvSource({"2.5, 0.01, 1.5", "2.5, 0.01, 2.5", "1.5, 0.04, 3.6", "0.8, 0.2, 1.1", "2, 0.5, 7"})
  void divergencesAreThoseOfTheDefinition(double sigma, double q, double alpha) {
    double step = 1e-3 * sigma;
    double sum = 0;
    for (double x = -40 * sigma; x < 40 * sigma; x += step) {
      double density = Math.exp(-x * x / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI));
      double ratio = q * Math.expm1((2 * x - 1) / (2 * sigma * sigma));
      sum += step * density * Math.expm1(alpha * Math.log1p(ratio));
    }
    assertThat(new SubsampledGaussian(q, sigma).rdp(alpha))
        .isCloseTo(Math.log1p(sum) / (alpha - 1), withinPercentage(1e-6));
  }

  /** Without sampling the mechanism is the plain Gaussian one, alpha / (2 sigma^2). */
  @Test
  void nearlyEverybodyIsNearlyNoSampling() {
    assertThat(new PrivacyAccountant(2, 1).rdp(3, 1)).isEqualTo(3.0 / 8);
    assertThat(new PrivacyAccountant(2, 1 - 1e-9).rdp(3, 1)).isCloseTo(3.0 / 8, offset(1e-7));
  }

  /** Between two whole orders, by series, and at them, by the finite sum: one smooth curve. */
  @ParameterizedTest
  @CsvSource({"0.7, 0.01", "1.1, 0.1", "4, 0.3", "1.5, 0.9"})
  void fractionalOrdersMeetTheWholeOnes(double sigma, double q) {
    SubsampledGaussian mechanism = new SubsampledGaussian(q, sigma);
    for (int order = 2; order <= 12; order++) {
      double at = mechanism.rdp(order);
      assertThat(mechanism.rdp(order - 1e-7)).isCloseTo(at, withinPercentage(1e-3));
      assertThat(mechanism.rdp(order + 1e-7)).isCloseTo(at, withinPercentage(1e-3));
    }
  }

  @ParameterizedTest
  @CsvSource({"2.5, 0.01, 1.5", "1.5, 0.04, 3.6", "0.8, 0.2, 1.1", "2, 0.5, 7", "2, 1, 1.5"})
  void whatIsToldOfAnOrderIsNotBelowItsDivergence(double sigma, double q, double alpha) {
    assertThat(new PrivacyAccountant(sigma, q).rdp(alpha, 3))
        .isGreaterThanOrEqualTo(3 * new SubsampledGaussian(q, sigma).rdp(alpha));
  }

  @Test
  void moreRoundsMoreClientsAndLessNoiseGiveMoreAway() {
    double usual = new PrivacyAccountant(1, 0.1).epsilon(100, 1e-5);
    assertThat(new PrivacyAccountant(1, 0.1).epsilon(101, 1e-5)).isGreaterThan(usual);
    assertThat(new PrivacyAccountant(1, 0.2).epsilon(100, 1e-5)).isGreaterThan(usual);
    assertThat(new PrivacyAccountant(0.9, 0.1).epsilon(100, 1e-5)).isGreaterThan(usual);
    assertThat(new PrivacyAccountant(1, 0.1).epsilon(100, 1e-6)).isGreaterThan(usual);
    assertThat(new PrivacyAccountant(1, 0.1).epsilon(0, 1e-5)).isZero();
  }

  @Test
  void refusesWhatIsNoMechanism() {
    assertThatThrownBy(() -> new PrivacyAccountant(0, 0.1)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new PrivacyAccountant(1, 1.1)).hasMessageContaining("(0, 1]");
    assertThatThrownBy(() -> new PrivacyAccountant(1, 0.1).epsilon(1, 0))
        .hasMessageContaining("delta");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "0.5, 0.4795001221869534623",
    "1, 0.1572992070502851307",
    "2, 0.004677734981047265838",
    "3, 2.209049699858544137e-5",
    "5, 1.537459794428034850e-12",
    "10, 2.088487583762544757e-45",
    "-1, 1.842700792949714869",
    "-4, 1.999999984582742100"
  })
  void errorFunctionHasKnownValues(double x, double erfc) {
    assertThat(Math.exp(ErrorFunction.logErfc(x))).isCloseTo(erfc, withinPercentage(2e-10));
  }
}
