package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/** Powers, absolute value and sign. */
public final class Power {
  private Power() {}

  /** {@code x^exponent}. */
  public static Tensor pow(Tensor x, double exponent) {
    return new Constant(x, exponent).broadcast();
  }

  /** {@code x^exponent}, with broadcasting. Where x is negative the exponent must be whole. */
  public static Tensor pow(Tensor x, Tensor exponent) {
    return new Pow(x, exponent).broadcast();
  }

  /** {@code |x|}; the gradient at 0 is 0. */
  public static Tensor abs(Tensor x) {
    return new Abs(x).broadcast();
  }

  /** -1, 0 or 1. */
  public static Tensor sign(Tensor x) {
    return new Sign(x).broadcast();
  }

  /** Through logarithms in double: StrictMath.pow allocates. */
  private static float power(float x, double exponent) {
    if (exponent == 0) {
      return 1;
    }
    float size = (float) StrictMath.exp(exponent * StrictMath.log(Math.abs(x)));
    boolean isNegative = Float.floatToRawIntBits(x) < 0;
    if (!isNegative || exponent % 2 == 0) {
      return size;
    }
    return exponent == Math.rint(exponent) ? -size : x == 0 ? size : Float.NaN;
  }

  /** A constant exponent: the usual ones without the general function, which is slow. */
  private static final class Constant extends Elementwise.Unary {
    private final double exponent;

    Constant(Tensor x, double exponent) {
      super(x);
      this.exponent = exponent;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      if (exponent == 2) {
        squares(x, y, from, to);
      } else if (exponent == 3) {
        cubes(x, y, from, to);
      } else if (exponent == -1) {
        reciprocals(x, y, from, to);
      } else {
        for (int i = from; i < to; i++) {
          y[i] = power(x[i], exponent);
        }
      }
    }

    private static void squares(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] * x[i];
      }
    }

    private static void cubes(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] * x[i] * x[i];
      }
    }

    private static void reciprocals(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = 1 / x[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return exponent == 0 ? null : g.mul(input(0).pow(exponent - 1)).mul(exponent);
    }

    @Override
    public String name() {
      return "Pow";
    }
  }

  private static final class Pow extends Elementwise.Binary {
    Pow(Tensor x, Tensor exponent) {
      super(x, exponent);
    }

    @Override
    void elements(float[] x, float[] exponent, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = power(x[i], exponent[i]);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      Tensor x = input(0);
      Tensor p = input(1);
      if (input == 0) { // at x = 0, p = 0 takes x^0, not x^-1: so the product is 0
        Tensor isZero = x.eq(0).mul(p.eq(0));
        return g.mul(p).mul(x.pow(Tensor.where(isZero, p, p.sub(1))));
      }
      return g.mul(output()).mul(Tensor.where(x.eq(0), Tensor.scalar(1), x).log());
    }
  }

  private static final class Abs extends Elementwise.Unary {
    Abs(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.abs(x[i]);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(0).sign());
    }
  }

  private static final class Sign extends Elementwise.Unary {
    Sign(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.signum(x[i]);
      }
    }

    @Override
    protected boolean isDifferentiable() {
      return false;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return null;
    }
  }
}
