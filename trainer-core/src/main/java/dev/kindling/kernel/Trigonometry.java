package dev.kindling.kernel;

/**
 * Sine and cosine of one float, the same bits everywhere, correct to the last place but one: {@code
 * x = n pi/2 + r} and a Taylor polynomial in r, in double precision. StrictMath would be as right,
 * but allocates on newer JVMs.
 */
final class Trigonometry {
  private static final double PER_QUARTER = 2 / Math.PI;
  private static final double QUARTER = 0x1.921fb544p0; // 33 bits of pi/2, so n times it is exact
  private static final double REST = 0x1.0b4611a626331p-34;

  /** Beyond it n no longer fits 20 bits, and the general reduction is needed. */
  private static final float LARGEST = 1e6f;

  private Trigonometry() {}

  static float sin(float x) {
    return Math.abs(x) <= LARGEST ? quarter(x, 0) : (float) StrictMath.sin(x);
  }

  static float cos(float x) {
    return Math.abs(x) <= LARGEST ? quarter(x, 1) : (float) StrictMath.cos(x);
  }

  /** sin(x + quarters pi/2). */
  private static float quarter(float x, int quarters) {
    double n = Math.rint(x * PER_QUARTER);
    double r = x - n * QUARTER - n * REST;
    int turn = (int) n + quarters;
    double y = (turn & 1) == 0 ? sine(r) : cosine(r);
    return (float) ((turn & 2) == 0 ? y : -y);
  }

  /** For |r| at most pi/4. */
  private static double sine(double r) {
    double s = r * r;
    double p = -1.0 / 39916800;
    p = p * s + 1.0 / 362880;
    p = p * s - 1.0 / 5040;
    p = p * s + 1.0 / 120;
    p = p * s - 1.0 / 6;
    return r + r * (s * p);
  }

  /** For |r| at most pi/4. */
  private static double cosine(double r) {
    double s = r * r;
    double p = 1.0 / 479001600;
    p = p * s - 1.0 / 3628800;
    p = p * s + 1.0 / 40320;
    p = p * s - 1.0 / 720;
    p = p * s + 1.0 / 24;
    p = p * s - 1.0 / 2;
    return 1 + s * p;
  }
}
