package dev.kindling.kernel;

/**
 * Transcendental functions of one float, the project's own polynomials: the same bits on every JVM
 * and processor, which {@code Math.exp} does not promise. Errors are a few units in the last place.
 */
final class Functions {
  static final float LOG2_E = 1.44269504f;
  static final float LN2_HIGH = 0.693359375f;
  static final float LN2_LOW = -2.12194440e-4f;
  static final float ROUND = 0x1.8p23f; // adding it rounds to the nearest whole number
  static final float LARGEST_EXP = 88.72283f;
  static final float SMALLEST_EXP = -87.33654f;

  static final float EXP_6 = 1.9875691500e-4f;
  static final float EXP_5 = 1.3981999507e-3f;
  static final float EXP_4 = 8.3334519073e-3f;
  static final float EXP_3 = 4.1665795894e-2f;
  static final float EXP_2 = 1.6666665459e-1f;
  static final float EXP_1 = 5.0000001201e-1f;

  static final int SQRT_HALF_BITS = 0x3f3504f3;
  static final float LOG_9 = 7.0376836292e-2f;
  static final float LOG_8 = -1.1514610310e-1f;
  static final float LOG_7 = 1.1676998740e-1f;
  static final float LOG_6 = -1.2420140846e-1f;
  static final float LOG_5 = 1.4249322787e-1f;
  static final float LOG_4 = -1.6668057665e-1f;
  static final float LOG_3 = 2.0000714765e-1f;
  static final float LOG_2 = -2.4999993993e-1f;
  static final float LOG_1 = 3.3333331174e-1f;

  static final float TANH_NEAR = 0.625f;
  static final float TANH_11 = -5.70498872745e-3f;
  static final float TANH_9 = 2.06390887954e-2f;
  static final float TANH_7 = -5.37397155531e-2f;
  static final float TANH_5 = 1.33314422036e-1f;
  static final float TANH_3 = -3.33332819422e-1f;

  static final float ERF_END = 3.925f;
  static final float ERF_P4 = 2.046226882e-06f;
  static final float ERF_P3 = 2.846256248e-04f;
  static final float ERF_P2 = 3.765885253e-03f;
  static final float ERF_P1 = 5.274834484e-02f;
  static final float ERF_P0 = 1.904478371e-01f;
  static final float ERF_P = 1.128379107e+00f;
  static final float ERF_Q4 = 3.803850996e-05f;
  static final float ERF_Q3 = 1.162118511e-03f;
  static final float ERF_Q2 = 1.496984530e-02f;
  static final float ERF_Q1 = 1.141209155e-01f;
  static final float ERF_Q0 = 5.021127462e-01f;

  static final float SQRT_HALF = 0.70710677f;

  /** {@code 1 / sqrt(2 pi)}. */
  static final float NORMAL = 0.39894228f;

  private Functions() {}

  /** e^x = 2^n e^r with n whole and |r| at most ln 2 / 2; 0 below -87.34, infinite above 88.72. */
  static float exp(float x) {
    float clamped = Math.max(SMALLEST_EXP, Math.min(LARGEST_EXP, x));
    float n = Math.fma(clamped, LOG2_E, ROUND) - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float p = EXP_6;
    p = Math.fma(p, r, EXP_5);
    p = Math.fma(p, r, EXP_4);
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
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
    int shifted = bits - SQRT_HALF_BITS;
    int n = (shifted >> 23) - (isSubnormal ? 23 : 0);
    float f = Float.intBitsToFloat((shifted & 0x7fffff) + SQRT_HALF_BITS) - 1;
    float p = LOG_9;
    p = Math.fma(p, f, LOG_8);
    p = Math.fma(p, f, LOG_7);
    p = Math.fma(p, f, LOG_6);
    p = Math.fma(p, f, LOG_5);
    p = Math.fma(p, f, LOG_4);
    p = Math.fma(p, f, LOG_3);
    p = Math.fma(p, f, LOG_2);
    p = Math.fma(p, f, LOG_1);
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
    if (a < TANH_NEAR) {
      float s = x * x;
      float p = TANH_11;
      p = Math.fma(p, s, TANH_9);
      p = Math.fma(p, s, TANH_7);
      p = Math.fma(p, s, TANH_5);
      p = Math.fma(p, s, TANH_3);
      return Math.fma(p, s * x, x);
    }
    float y = 1 - 2 / (exp(2 * a) + 1);
    return x < 0 ? -y : x > 0 ? y : x;
  }

  /** {@code 1 / (1 + e^-x)}. */
  static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  /**
   * {@code 2 / sqrt(pi) * integral from 0 to x of e^-t^2} as {@code x P(x^2) / Q(x^2)}, fitted to
   * the relative error on [0, 3.925] by reweighted least squares; beyond it erf is 1 to the last
   * bit.
   */
  static float erf(float x) {
    float z = Math.max(-ERF_END, Math.min(ERF_END, x));
    float t = z * z;
    return Math.max(-1, Math.min(1, z * numerator(t) / denominator(t)));
  }

  private static float numerator(float t) {
    float p = Math.fma(ERF_P4, t, ERF_P3);
    p = Math.fma(p, t, ERF_P2);
    p = Math.fma(p, t, ERF_P1);
    p = Math.fma(p, t, ERF_P0);
    return Math.fma(p, t, ERF_P);
  }

  private static float denominator(float t) {
    float q = Math.fma(ERF_Q4, t, ERF_Q3);
    q = Math.fma(q, t, ERF_Q2);
    q = Math.fma(q, t, ERF_Q1);
    q = Math.fma(q, t, ERF_Q0);
    return Math.fma(q, t, 1);
  }

  /** {@code x / 2 (1 + erf(x / sqrt 2))}. */
  static float gelu(float x) {
    return 0.5f * x * (erf(x * SQRT_HALF) + 1);
  }

  /** {@code (1 + erf(x / sqrt 2)) / 2 + x e^(-x^2 / 2) / sqrt(2 pi)}. */
  static float geluSlope(float x) {
    float density = exp(-0.5f * x * x) * NORMAL * x;
    return Math.fma(erf(x * SQRT_HALF) + 1, 0.5f, density);
  }
}
