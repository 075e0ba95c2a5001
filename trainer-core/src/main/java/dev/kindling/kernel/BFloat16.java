package dev.kindling.kernel;

/**
 * bfloat16: the upper half of a float32. 1 bit sign, 8 bits exponent, 7 bits fraction; the range of
 * float32 with two to three decimal digits. Rounds to the nearest, ties to even; what lies beyond
 * the largest finite value becomes infinite; NaN stays NaN, made quiet. All in int arithmetic
 * without a branch.
 */
public final class BFloat16 {
  static final int INFINITE = 0x7f80_0000;
  static final int HALF = 0x7fff;
  static final int QUIET = 0x0040_0000;
  static final int UPPER = 0xffff_0000;

  private BFloat16() {}

  /** The nearest bfloat16, as float32 bits: the lower half is zero. */
  private static int rounded(int bits) {
    int nan = (INFINITE - (bits & Integer.MAX_VALUE)) >> 31; // all ones for NaN
    int nearest = bits + HALF + (bits >>> 16 & 1);
    return (nearest & ~nan | (bits | QUIET) & nan) & UPPER;
  }

  /** The bits of the nearest value. */
  public static short of(float x) {
    return (short) (rounded(Float.floatToRawIntBits(x)) >>> 16);
  }

  /** The value of these bits, exactly. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds {@code length} values from {@code at}, in place. */
  static void round(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      x[i] = Float.intBitsToFloat(rounded(Float.floatToRawIntBits(x[i])));
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
