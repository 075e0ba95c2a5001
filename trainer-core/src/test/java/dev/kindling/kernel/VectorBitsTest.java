package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors do what the plain loops do, at every length and wherever they begin. */
class VectorBitsTest {
  private static final int AT = 3;
  private static final int[] LENGTHS = {1, 2, 15, 16, 63, 64, 65, 127, 1001, 4096};

  static Stream<Arguments> cases() {
    return Stream.of(Kernels.scalar(), Kernels.best(), new VectorKernels(WarmUp::none))
        .flatMap(k -> IntStream.of(LENGTHS).mapToObj(n -> Arguments.of(k, n)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void findsWhatIsNotFiniteAtEveryPlace(Kernels kernels, int n) {
    float[] x = new float[AT + n + 1];
    Arrays.fill(x, Float.MAX_VALUE); // their sum is infinite, they are not
    x[AT - 1] = Float.NaN;
    x[AT + n] = Float.NaN;
    assertThat(kernels.isFinite(x, AT, n)).isTrue();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int i = 0; i < n; i++) {
        x[AT + i] = bad;
        if (kernels.isFinite(x, AT, n)) {
          assertThat(i).as("%s at that place of %d", bad, n).isNegative();
        }
        x[AT + i] = 0.5f;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void roundsWhateverTheBits(Kernels kernels, int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] x = new float[AT + n + 1];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(i % 9 == 5 ? 0x7f80_0000 + i : random.nextInt());
    }
    float[] expected = x.clone();
    BFloat16.round(expected, AT, n);
    kernels.roundToBFloat16(x, AT, n);
    for (int i = 0; i < x.length; i++) {
      if (Float.floatToRawIntBits(x[i]) != Float.floatToRawIntBits(expected[i])) {
        assertThat(x[i]).as("element %d of seed %d", i, n).isEqualTo(expected[i]);
      }
    }
  }
}
