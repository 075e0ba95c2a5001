package dev.kindling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares with the formats' definition: sign, exponent and fraction in double arithmetic. */
class FloatFormatTest {
  private static final int BITS = 1 << 16;

  /** What 16 bits mean, by the formula of IEEE 754. */
  private static double meaning(int bits, int exponentBits, int fractionBits) {
    int bias = (1 << exponentBits - 1) - 1;
    int exponent = bits >> fractionBits & (1 << exponentBits) - 1;
    double fraction = (bits & (1 << fractionBits) - 1) / (double) (1 << fractionBits);
    double sign = bits >> 15 == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias)
        : sign * (1 + fraction) * Math.pow(2, exponent - bias);
  }

  private static double meaning(FloatFormat format, int bits) {
    return format == FloatFormat.BFLOAT16 ? meaning(bits, 8, 7) : meaning(bits, 5, 10);
  }

  private static int infinity(FloatFormat format) {
    return format == FloatFormat.BFLOAT16 ? 0x7f80 : 0x7c00;
  }

  private static short encode(FloatFormat format, float x) {
    short[] bits = new short[1];
    format.encode(new float[] {x}, 0, bits, 1);
    return bits[0];
  }

  private static float decode(FloatFormat format, int bits) {
    float[] x = new float[1];
    format.decode(new short[] {(short) bits}, x, 0, 1);
    return x[0];
  }

  private static float round(FloatFormat format, float x) {
    float[] values = {7, x, 9};
    format.round(values, 1, 1);
    assertThat(values[0] + values[2]).isEqualTo(16);
    return values[1];
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void all65536ValuesMeanWhatTheFormulaSaysAndComeBack(FloatFormat format) {
    List<Integer> wrong = new ArrayList<>();
    for (int bits = 0; bits < BITS; bits++) {
      double expected = meaning(format, bits);
      float x = decode(format, bits);
      boolean isSame = Double.compare(x, expected) == 0;
      boolean isBack =
          Double.isNaN(expected)
              ? Double.isNaN(decode(format, encode(format, x)))
              : (encode(format, x) & BITS - 1) == bits;
      if (!isSame || !isBack || Float.compare(round(format, x), x) != 0) {
        wrong.add(bits);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** Half way between two neighbours, and one float32 to either side of it. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void betweenNeighboursTheNearerOneCountsAndTiesGoToTheEvenOne(FloatFormat format) {
    List<Integer> wrong = new ArrayList<>();
    for (int low = 0; low < infinity(format) - 1; low++) {
      float middle = (float) ((meaning(format, low) + meaning(format, low + 1)) / 2);
      int even = low % 2 == 0 ? low : low + 1;
      if (encode(format, middle) != even
          || encode(format, -middle) != (short) (even | 0x8000)
          || encode(format, Math.nextDown(middle)) != low
          || encode(format, Math.nextUp(middle)) != low + 1
          || round(format, middle) != (float) meaning(format, even)) {
        wrong.add(low);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void beyondTheLargestValueLiesInfinity(FloatFormat format) {
    int infinite = infinity(format);
    double largest = meaning(format, infinite - 1);
    float middle = (float) (largest + (largest - meaning(format, infinite - 2)) / 2);
    assertThat(encode(format, Math.nextDown(middle))).isEqualTo((short) (infinite - 1));
    assertThat(encode(format, middle)).isEqualTo((short) infinite);
    assertThat(encode(format, Float.MAX_VALUE)).isEqualTo((short) infinite);
    assertThat(encode(format, -Float.MAX_VALUE)).isEqualTo((short) (infinite | 0x8000));
    assertThat(round(format, Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(round(format, Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void everyNaNStaysOne(FloatFormat format) {
    for (int bits : new int[] {0x7fc00000, 0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff}) {
      assertThat(round(format, Float.intBitsToFloat(bits))).isNaN();
      assertThat(decode(format, encode(format, Float.intBitsToFloat(bits)))).isNaN();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
  void roundingIsEncodingAndDecodingWhateverTheBits(FloatFormat format) {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200_000; i++) {
      float x = Float.intBitsToFloat(random.nextInt());
      float there = decode(format, encode(format, x));
      if (Float.compare(round(format, x), there) != 0) {
        assertThat(round(format, x)).as("seed 5, %s", x).isEqualTo(there);
      }
    }
  }

  @Test
  void float32RoundsNothing() {
    assertThat(round(FloatFormat.FLOAT32, 1 + 0x1p-23f)).isEqualTo(1 + 0x1p-23f);
    assertThat(FloatFormat.FLOAT32.bytes()).isEqualTo(4);
    assertThat(FloatFormat.BFLOAT16.bytes()).isEqualTo(2);
    assertThat(FloatFormat.FLOAT16.bytes()).isEqualTo(2);
  }
}
