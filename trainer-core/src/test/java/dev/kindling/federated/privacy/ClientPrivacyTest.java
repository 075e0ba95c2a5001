package dev.kindling.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClientPrivacyTest {
  private final ClientPrivacy privacy = new ClientPrivacy(2, 1.5, 1e-5);

  @Test
  void aLongUpdateIsScaledToTheClippingNormAndAShortOneIsLeft() {
    float[] large = {3, 4, 9};
    privacy.clip(large, 2);
    assertThat(large).containsExactly(1.2f, 1.6f, 9);
    float[] small = {1, -1, 9};
    privacy.clip(small, 2);
    assertThat(small).containsExactly(1, -1, 9);
  }

  /** A comparison with a norm that is no number is false: such an update once passed unclipped. */
  @Test
  void anUpdateThatNoScaleBoundsIsRefused() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> privacy.clip(new float[] {1, bad}, 2))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("cannot be clipped");
    }
  }

  @Test
  void noiseHasTheDeviationOfSigmaTimesTheNorm() {
    int count = 100_000;
    float[] sum = new float[count];
    privacy.addNoise(sum, count, 5, 3);
    double mean = 0;
    double squares = 0;
    for (float value : sum) {
      mean += value / count;
      squares += (double) value * value / count;
    }
    assertThat(mean).isCloseTo(0, within(0.05));
    assertThat(Math.sqrt(squares)).isCloseTo(3, within(0.03));
  }

  @Test
  void noiseDependsOnSeedAndRoundAlone() {
    assertThat(noise(1, 2)).containsExactly(noise(1, 2));
    assertThat(noise(1, 2)).isNotEqualTo(noise(1, 3)).isNotEqualTo(noise(2, 2));
  }

  private float[] noise(long seed, int round) {
    float[] sum = new float[8];
    privacy.addNoise(sum, 8, seed, round);
    return sum;
  }

  @Test
  void refusesWhatProtectsNobody() {
    assertThatThrownBy(() -> new ClientPrivacy(0, 1, 1e-5)).hasMessageContaining("clip");
    assertThatThrownBy(() -> new ClientPrivacy(1, 0, 1e-5))
        .hasMessageContaining("noise_multiplier");
    assertThatThrownBy(() -> new ClientPrivacy(1, 1, 1)).hasMessageContaining("delta");
  }
}
