package dev.kindling.kernel;

/**
 * {@code y = (x * scale - mean) / deviation} for the 256 unsigned bytes x, with what plain loops
 * and vectors need to get at the same bits sooner. Immutable.
 */
public final class PixelScale {
  private static final int VALUES = 256;

  final float scale;
  final float mean;
  final float deviation;

  /** y of every byte. */
  final float[] table = new float[VALUES];

  /**
   * {@code 1 / deviation} where {@link #corrected} gives the quotient of every byte to the last
   * bit; else 0.
   */
  final float reciprocal;

  /** For bytes of one channel. */
  public PixelScale(float scale, float mean, float deviation) {
    this.scale = scale;
    this.mean = mean;
    this.deviation = deviation;
    boolean isExact = true;
    for (int x = 0; x < VALUES; x++) {
      float centred = x * scale - mean;
      table[x] = centred / deviation;
      float quotient = corrected(centred, deviation, 1 / deviation);
      isExact &= Float.floatToRawIntBits(quotient) == Float.floatToRawIntBits(table[x]);
    }
    reciprocal = isExact ? 1 / deviation : 0;
  }

  /**
   * {@code a / b} by a product and a correction of its error (Markstein, 1990): a quarter of the
   * time of a division.
   */
  private static float corrected(float a, float b, float reciprocal) {
    float quotient = a * reciprocal;
    return Math.fma(Math.fma(-quotient, b, a), reciprocal, quotient);
  }
}
