package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteCheckTest {
  private static final int AT = 3;

  private static boolean check(float[] x, int length) {
    return FiniteCheck.isFinite(x, AT, length, new float[Workspace.PIECE]);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 127, 1001, 4095, 4096})
  void findsWhatIsNotFiniteAtEveryPlace(int length) {
    float[] x = new float[AT + length + 1];
    Arrays.fill(x, 0.5f);
    x[AT - 1] = Float.NaN;
    x[AT + length] = Float.NaN;
    assertThat(check(x, length)).isTrue();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int i = 0; i < length; i++) {
        x[AT + i] = bad;
        assertThat(check(x, length)).as("%s at %d of %d", bad, i, length).isFalse();
        x[AT + i] = 0.5f;
      }
    }
  }

  @Test
  void infinitiesThatCancelAreFound() {
    float[] x = new float[AT + 200];
    x[AT] = Float.POSITIVE_INFINITY;
    x[AT + 100] = Float.NEGATIVE_INFINITY;
    assertThat(check(x, 200)).isFalse();
  }

  @Test
  void elementsWhoseSumOverflowsAreFinite() {
    float[] x = new float[AT + 200];
    Arrays.fill(x, Float.MAX_VALUE);
    assertThat(check(x, 200)).isTrue();
  }
}
