package dev.kindling.kernel;

/**
 * Transcendental functions of one float, the project's own polynomials: the same bits on every JVM
 * and processor, which {@code Math.exp} does not promise. Errors are a few units in the last place.
 */
final class Functions {
  private static final float LOG2_E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float ROUND = 0x1.8p23f; // adding it rounds to the nearest whole number
  private static final float LARGEST_EXP = 88.72283f;
  private static final float SMALLEST_EXP = -87.33654f;

  private Functions() {}

  /** e^x = 2^n e^r with n whole and |r| at most ln 2 / 2; 0 below -87.34, infinite above 88.72. */
  static float exp(float x) {
    float clamped = Math.max(SMALLEST_EXP, Math.min(LARGEST_EXP, x));
    float n = Math.fma(clamped, LOG2_E, ROUND) - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float p = 1.9875691500e-4f;
    p = Math.fma(p, r, 1.3981999507e-3f);
    p = Math.fma(p, r, 8.3334519073e-3f);
    p = Math.fma(p, r, 4.1665795894e-2f);
    p = Math.fma(p, r, 1.6666665459e-1f);
    p = Math.fma(p, r, 5.0000001201e-1f);
    float e = Math.fma(p, r * r, r) + 1;
    int half = (int) n >> 1; // in two factors: 2^128 alone would overflow
    float y = e * power(half) * power((int) n - half);
    return x > LARGEST_EXP
        ? Float.POSITIVE_INFINITY
        : x < SMALLEST_EXP ? 0 : Float.isNaN(x) ? x : y;
  }

  private static float power(int n) {
    return Float.intBitsToFloat((n + 127) << 23);
  }

  /** Natural logarithm: x = 2^n m with m in [sqrt(1/2), sqrt(2)); -infinity at 0, NaN below. */
  static float log(float x) {
    boolean isSubnormal = x < Float.MIN_NORMAL;
    int bits = Float.floatToRawIntBits(isSubnormal ? x * 0x1p23f : x);
    int shifted = bits - 0x3f3504f3; // sqrt(1/2)
    int n = (shifted >> 23) - (isSubnormal ? 23 : 0);
    float f = Float.intBitsToFloat((shifted & 0x7fffff) + 0x3f3504f3) - 1;
    float p = 7.0376836292e-2f;
    p = Math.fma(p, f, -1.1514610310e-1f);
    p = Math.fma(p, f, 1.1676998740e-1f);
    p = Math.fma(p, f, -1.2420140846e-1f);
    p = Math.fma(p, f, 1.4249322787e-1f);
    p = Math.fma(p, f, -1.6668057665e-1f);
    p = Math.fma(p, f, 2.0000714765e-1f);
    p = Math.fma(p, f, -2.4999993993e-1f);
    p = Math.fma(p, f, 3.3333331174e-1f);
    float square = f * f;
    float y = Math.fma(p, f * square, Math.fma(n, LN2_LOW, -0.5f * square));
    float log = Math.fma(n, LN2_HIGH, f + y);
    if (x > 0 && x < Float.POSITIVE_INFINITY) {
      return log;
    }
    return x == 0 ? Float.NEGATIVE_INFINITY : x > 0 ? x : Float.NaN;
  }

  /** Odd polynomial below 0.625, {@code 1 - 2 / (e^2x + 1)} above. */
  static float tanh(float x) {
    float a = Math.abs(x);
    if (a < 0.625f) {
      float s = x * x;
      float p = -5.70498872745e-3f;
      p = Math.fma(p, s, 2.06390887954e-2f);
      p = Math.fma(p, s, -5.37397155531e-2f);
      p = Math.fma(p, s, 1.33314422036e-1f);
      p = Math.fma(p, s, -3.33332819422e-1f);
      return Math.fma(p, s * x, x);
    }
    float y = 1 - 2 / (exp(2 * a) + 1);
    return x < 0 ? -y : x > 0 ? y : x;
  }

  /** {@code 1 / (1 + e^-x)}. */
  static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }
}
