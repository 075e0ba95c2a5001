package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormaliseTest {
  private static final PixelScale DIGITS = new PixelScale(1 / 255f, 0.1307f, 0.3081f);

  @Test
  void vectorsAndPlainLoopsGiveTheSameBitsAtEveryLength() {
    byte[] x = new byte[400];
    new Random(5).nextBytes(x);
    for (int n = 0; n < 300; n++) {
      float[] expected = new float[400];
      float[] actual = new float[400];
      Kernels.scalar().normalise(x, n, DIGITS, expected, 3, Math.min(n, 97));
      new VectorKernels(WarmUp::none).normalise(x, n, DIGITS, actual, 3, Math.min(n, 97));
      assertThat(Arrays.equals(actual, expected)).as("length %d", n).isTrue();
    }
  }

  /** The last: its reciprocal is infinite, so vectors must divide. */
  @ParameterizedTest
  @CsvSource({
    "0.003921569, 0.1307, 0.3081",
    "0.003921569, 0.5, 0.25",
    "1, 127.5, 73",
    "0.1, 3, 7",
    "1, 0, 1",
    "1, 0.3, 1e-40"
  })
  void everyByteIsUnsignedAndDividedToTheLastBit(float scale, float mean, float deviation) {
    byte[] x = new byte[256];
    float[] expected = new float[256];
    for (int i = 0; i < 256; i++) {
      x[i] = (byte) i;
      expected[i] = (i * scale - mean) / deviation;
    }
    float[] y = new float[256];
    PixelScale by = new PixelScale(scale, mean, deviation);
    new VectorKernels(WarmUp::none).normalise(x, 0, by, y, 0, 256);
    assertThat(y).containsExactly(expected);
  }
}
