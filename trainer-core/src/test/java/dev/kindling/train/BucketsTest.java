package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketsTest {
  @ParameterizedTest
  @ValueSource(
      longs = {1, 15, 16, 17, 127, 128, 129, 1000, 109_386, 2_097_152, 2_097_153, 9_999_999})
  void coverTheVectorOnceInOrder(long length) {
    Buckets buckets = Buckets.of(length);
    long at = 0;
    for (int b = 0; b < buckets.count(); b++) {
      assertThat(buckets.from(b)).isEqualTo(at).isEqualTo(at / 16 * 16);
      assertThat(buckets.length(b)).isBetween(1, Buckets.LARGEST);
      assertThat(buckets.holding(at)).isEqualTo(b);
      assertThat(buckets.holding(buckets.to(b) - 1)).isEqualTo(b);
      at = buckets.to(b);
    }
    assertThat(at).isEqualTo(length);
  }

  @ParameterizedTest
  @ValueSource(longs = {1024, 109_386, 2_097_152, 9_999_999})
  void areAtLeastEightOfAtMostOneMebibyte(long length) {
    assertThat(Buckets.of(length).count()).isGreaterThanOrEqualTo(Buckets.FEWEST);
    assertThat((long) Buckets.of(length).size() * Float.BYTES).isLessThanOrEqualTo(1 << 20);
  }
}
