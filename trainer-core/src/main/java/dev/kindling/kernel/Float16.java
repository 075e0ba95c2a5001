package dev.kindling.kernel;

/**
 * IEEE 754 binary16. 1 bit sign, 5 bits exponent, 10 bits fraction: three to four decimal digits
 * between 6e-8 and 65504. Rounds to the nearest, ties to even, subnormals too; from 65520 on values
 * become infinite; NaN stays NaN, made quiet.
 */
public final class Float16 {
  private static final int INFINITE = 0x7f80_0000;
  private static final int OVERFLOW = 0x477f_f000; // 65520, half way to 2^16
  private static final int SMALLEST_NORMAL = 0x3880_0000; // 2^-14
  private static final int REBIAS = 127 - 15 << 23;
  private static final int DROPPED = 23 - 10;

  private Float16() {}

  /** The bits of the nearest value. */
  public static short of(float x) {
    int bits = Float.floatToRawIntBits(x);
    return (short) (bits >>> 16 & 0x8000 | magnitude(bits & Integer.MAX_VALUE));
  }

  private static int magnitude(int bits) {
    if (bits < SMALLEST_NORMAL) { // in [0.5, 1) neighbours are 2^-24 apart, as subnormals are
      return Float.floatToRawIntBits(Float.intBitsToFloat(bits) + 0.5f) - 0x3f00_0000;
    }
    if (bits < OVERFLOW) {
      return bits - REBIAS + 0xfff + (bits >>> DROPPED & 1) >>> DROPPED;
    }
    return bits <= INFINITE ? 0x7c00 : 0x7e00 | bits >>> DROPPED & 0x3ff;
  }

  /** The value of these bits, exactly. */
  public static float toFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    return Float.intBitsToFloat(sign | widened(bits & 0x7fff));
  }

  private static int widened(int magnitude) {
    if (magnitude < 0x400) {
      return Float.floatToRawIntBits(magnitude * 0x1p-24f);
    }
    int bits = magnitude << DROPPED;
    return magnitude < 0x7c00 ? bits + REBIAS : bits | INFINITE;
  }

  /** Rounds {@code length} values from {@code at}, in place. */
  static void round(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      x[i] = toFloat(of(x[i]));
    }
  }

  /** The bits of {@code length} values from {@code at}, to the start of another array. */
  static void encode(float[] x, int at, short[] into, int length) {
    for (int i = 0; i < length; i++) {
      into[i] = of(x[at + i]);
    }
  }

  /** The values of the first {@code length} bits. */
  static void decode(short[] from, float[] x, int at, int length) {
    for (int i = 0; i < length; i++) {
      x[at + i] = toFloat(from[i]);
    }
  }
}
