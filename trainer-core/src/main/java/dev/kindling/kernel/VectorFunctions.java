package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Functions} on whole vectors: the same operations in the same order, hence the same bits.
 * Every method is one loop, and no vector leaves it. {@code n} is a multiple of the vector's
 * length; x and y may be the same range.
 */
final class VectorFunctions {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;

  /** The bits of {@link Functions#ROUND}: what is added to it stands in the lowest bits. */
  private static final int ROUND_BITS = Float.floatToRawIntBits(Functions.ROUND);

  private static final int MANTISSA = 23;

  private VectorFunctions() {}

  /**
   * {@code y = e^(x * factor - shift)}. The exponent goes into the bits of {@code e^r} by an
   * addition, as no result is subnormal; what overflows, underflows or is NaN is put right at the
   * end.
   */
  static void exp(float[] x, int xAt, float factor, float shift, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i).mul(factor).sub(shift);
      FloatVector round = FloatVector.broadcast(SPECIES, Functions.ROUND);
      FloatVector t = v.fma(FloatVector.broadcast(SPECIES, Functions.LOG2_E), round);
      FloatVector k = t.sub(round);
      FloatVector r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_HIGH), v);
      r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_LOW), r);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.EXP_6);
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_5));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_4));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_3));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_2));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_1));
      FloatVector e = p.fma(r.mul(r), r).add(1);
      IntVector exponent = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA);
      FloatVector scaled = e.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      v.add(Float.POSITIVE_INFINITY)
          .blend(scaled, v.compare(VectorOperators.LE, Functions.LARGEST_EXP))
          .blend(0, v.compare(VectorOperators.LT, Functions.SMALLEST_EXP))
          .intoArray(y, yAt + i);
    }
  }

  /** {@code 1 / (1 + e^-x)}, the exponential as in {@link #exp}. */
  static void sigmoid(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i).neg();
      FloatVector round = FloatVector.broadcast(SPECIES, Functions.ROUND);
      FloatVector t = v.fma(FloatVector.broadcast(SPECIES, Functions.LOG2_E), round);
      FloatVector k = t.sub(round);
      FloatVector r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_HIGH), v);
      r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_LOW), r);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.EXP_6);
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_5));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_4));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_3));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_2));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_1));
      FloatVector e = p.fma(r.mul(r), r).add(1);
      IntVector exponent = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA);
      FloatVector scaled = e.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      FloatVector power =
          v.add(Float.POSITIVE_INFINITY)
              .blend(scaled, v.compare(VectorOperators.LE, Functions.LARGEST_EXP))
              .blend(0, v.compare(VectorOperators.LT, Functions.SMALLEST_EXP));
      FloatVector.broadcast(SPECIES, 1).div(power.add(1)).intoArray(y, yAt + i);
    }
  }

  /**
   * Hyperbolic tangent; its exponential cannot be too small, and past the largest it is 1. NaN is
   * not far from 0, and passes through the polynomial.
   */
  static void tanh(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector a = v.abs();
      FloatVector twice = a.mul(2);
      FloatVector c =
          twice.blend(
              Functions.LARGEST_EXP, twice.compare(VectorOperators.GT, Functions.LARGEST_EXP));
      FloatVector round = FloatVector.broadcast(SPECIES, Functions.ROUND);
      FloatVector t = c.fma(FloatVector.broadcast(SPECIES, Functions.LOG2_E), round);
      FloatVector k = t.sub(round);
      FloatVector r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_HIGH), c);
      r = k.fma(FloatVector.broadcast(SPECIES, -Functions.LN2_LOW), r);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.EXP_6);
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_5));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_4));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_3));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_2));
      p = p.fma(r, FloatVector.broadcast(SPECIES, Functions.EXP_1));
      FloatVector e = p.fma(r.mul(r), r).add(1);
      IntVector exponent = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA);
      e = e.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      FloatVector one = FloatVector.broadcast(SPECIES, 1);
      FloatVector far = one.sub(FloatVector.broadcast(SPECIES, 2).div(e.add(1)));
      IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
      far = far.reinterpretAsInts().or(sign).reinterpretAsFloats();
      FloatVector s = v.mul(v);
      FloatVector q = FloatVector.broadcast(SPECIES, Functions.TANH_11);
      q = q.fma(s, FloatVector.broadcast(SPECIES, Functions.TANH_9));
      q = q.fma(s, FloatVector.broadcast(SPECIES, Functions.TANH_7));
      q = q.fma(s, FloatVector.broadcast(SPECIES, Functions.TANH_5));
      q = q.fma(s, FloatVector.broadcast(SPECIES, Functions.TANH_3));
      FloatVector near = q.fma(s.mul(v), v);
      near.blend(far, a.compare(VectorOperators.GE, Functions.TANH_NEAR)).intoArray(y, yAt + i);
    }
  }

  /** Natural logarithm. */
  static void log(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      VectorMask<Float> isSubnormal = v.compare(VectorOperators.LT, Float.MIN_NORMAL);
      FloatVector normal = v.blend(v.mul(0x1p23f), isSubnormal);
      IntVector shifted = normal.reinterpretAsInts().sub(Functions.SQRT_HALF_BITS);
      IntVector exponent = shifted.lanewise(VectorOperators.ASHR, MANTISSA);
      FloatVector k = exponent.add(ROUND_BITS).reinterpretAsFloats().sub(Functions.ROUND);
      k = k.blend(k.sub(MANTISSA), isSubnormal);
      FloatVector f =
          shifted
              .and((1 << MANTISSA) - 1)
              .add(Functions.SQRT_HALF_BITS)
              .reinterpretAsFloats()
              .sub(1);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.LOG_9);
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_8));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_7));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_6));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_5));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_4));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_3));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_2));
      p = p.fma(f, FloatVector.broadcast(SPECIES, Functions.LOG_1));
      FloatVector square = f.mul(f);
      FloatVector low = k.fma(FloatVector.broadcast(SPECIES, Functions.LN2_LOW), square.mul(-0.5f));
      FloatVector rest = p.fma(f.mul(square), low);
      FloatVector log = k.fma(FloatVector.broadcast(SPECIES, Functions.LN2_HIGH), f.add(rest));
      log.blend(v, v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY))
          .blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0))
          .blend(Float.NaN, v.compare(VectorOperators.LT, 0))
          .blend(Float.NaN, v.compare(VectorOperators.NE, v))
          .intoArray(y, yAt + i);
    }
  }

  /** {@code y = x / 2 (1 + erf(x / sqrt 2))}. */
  static void gelu(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector z = v.mul(Functions.SQRT_HALF);
      z = z.blend(Functions.ERF_END, z.compare(VectorOperators.GT, Functions.ERF_END));
      z = z.blend(-Functions.ERF_END, z.compare(VectorOperators.LT, -Functions.ERF_END));
      FloatVector t = z.mul(z);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.ERF_P4);
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P3));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P2));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P1));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P0));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P));
      FloatVector q = FloatVector.broadcast(SPECIES, Functions.ERF_Q4);
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q3));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q2));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q1));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q0));
      q = q.fma(t, FloatVector.broadcast(SPECIES, 1));
      FloatVector e = z.mul(p).div(q);
      e = e.blend(1, e.compare(VectorOperators.GT, 1));
      e = e.blend(-1, e.compare(VectorOperators.LT, -1));
      v.mul(0.5f).mul(e.add(1)).intoArray(y, yAt + i);
    }
  }

  /** {@code y = -x^2 / 2}, whose exponential {@link #geluGradient} takes. */
  static void halfSquare(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      v.mul(-0.5f).mul(v).intoArray(y, yAt + i);
    }
  }

  /** {@code y = g ((1 + erf(x / sqrt 2)) / 2 + x y / sqrt(2 pi))}. */
  static void geluGradient(float[] x, int xAt, float[] g, int gAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector z = v.mul(Functions.SQRT_HALF);
      z = z.blend(Functions.ERF_END, z.compare(VectorOperators.GT, Functions.ERF_END));
      z = z.blend(-Functions.ERF_END, z.compare(VectorOperators.LT, -Functions.ERF_END));
      FloatVector t = z.mul(z);
      FloatVector p = FloatVector.broadcast(SPECIES, Functions.ERF_P4);
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P3));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P2));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P1));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P0));
      p = p.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_P));
      FloatVector q = FloatVector.broadcast(SPECIES, Functions.ERF_Q4);
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q3));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q2));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q1));
      q = q.fma(t, FloatVector.broadcast(SPECIES, Functions.ERF_Q0));
      q = q.fma(t, FloatVector.broadcast(SPECIES, 1));
      FloatVector e = z.mul(p).div(q);
      e = e.blend(1, e.compare(VectorOperators.GT, 1));
      e = e.blend(-1, e.compare(VectorOperators.LT, -1));
      FloatVector density = FloatVector.fromArray(SPECIES, y, yAt + i).mul(Functions.NORMAL).mul(v);
      FloatVector slope = e.add(1).fma(FloatVector.broadcast(SPECIES, 0.5f), density);
      FloatVector.fromArray(SPECIES, g, gAt + i).mul(slope).intoArray(y, yAt + i);
    }
  }
}
