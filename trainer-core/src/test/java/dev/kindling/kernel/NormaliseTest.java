package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormaliseTest {
  private static final float SCALE = 1 / 255f;
  private static final float MEAN = 0.1307f;
  private static final float DEVIATION = 0.3081f;

  private static float[] table() {
    float[] table = new float[256];
    for (int i = 0; i < table.length; i++) {
      table[i] = (i * SCALE - MEAN) / DEVIATION;
    }
    return table;
  }

  @Test
  void vectorsAndPlainLoopsGiveTheSameBitsAtEveryLength() {
    byte[] x = new byte[400];
    new Random(5).nextBytes(x);
    for (int n = 0; n < 300; n++) {
      float[] expected = new float[400];
      float[] actual = new float[400];
      Kernels.scalar()
          .normalise(x, n, SCALE, MEAN, DEVIATION, table(), expected, 3, Math.min(n, 97));
      new VectorKernels(WarmUp::none)
          .normalise(x, n, SCALE, MEAN, DEVIATION, table(), actual, 3, Math.min(n, 97));
      assertThat(Arrays.equals(actual, expected)).as("length %d", n).isTrue();
    }
  }

  @Test
  void everyByteIsUnsigned() {
    byte[] x = new byte[256];
    for (int i = 0; i < 256; i++) {
      x[i] = (byte) i;
    }
    float[] y = new float[256];
    new VectorKernels(WarmUp::none).normalise(x, 0, SCALE, MEAN, DEVIATION, table(), y, 0, 256);
    assertThat(y).containsExactly(table());
  }
}
