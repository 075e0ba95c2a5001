package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/** Comparisons, whose results are 1 or 0, and choices between elements; with broadcasting. */
public final class Choice {
  private Choice() {}

  /** {@code a == b ? 1 : 0}. */
  public static Tensor eq(Tensor a, Tensor b) {
    return new Eq(a, b).broadcast();
  }

  /** {@code a != b ? 1 : 0}. */
  public static Tensor ne(Tensor a, Tensor b) {
    return new Ne(a, b).broadcast();
  }

  /** {@code a > b ? 1 : 0}. */
  public static Tensor gt(Tensor a, Tensor b) {
    return new Gt(a, b).broadcast();
  }

  /** {@code a >= b ? 1 : 0}. */
  public static Tensor ge(Tensor a, Tensor b) {
    return new Ge(a, b).broadcast();
  }

  /** {@code condition != 0 ? a : b}. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return new Where(condition, a, b).broadcast();
  }

  /** The larger of two elements; NaN if one is. Equal ones share the gradient. */
  public static Tensor maximum(Tensor a, Tensor b) {
    return new Maximum(a, b).broadcast();
  }

  /** The smaller of two elements; NaN if one is. Equal ones share the gradient. */
  public static Tensor minimum(Tensor a, Tensor b) {
    return new Minimum(a, b).broadcast();
  }

  /** {@code min(max(x, low), high)}; no gradient flows where x lies outside. */
  public static Tensor clamp(Tensor x, float low, float high) {
    return new Clamp(x, low, high).broadcast();
  }

  private abstract static class Comparison extends Elementwise.Binary {
    Comparison(Tensor a, Tensor b) {
      super(a, b);
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

  private static final class Eq extends Comparison {
    Eq(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] == b[i] ? 1 : 0;
      }
    }
  }

  private static final class Ne extends Comparison {
    Ne(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] != b[i] ? 1 : 0;
      }
    }
  }

  private static final class Gt extends Comparison {
    Gt(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] > b[i] ? 1 : 0;
      }
    }
  }

  private static final class Ge extends Comparison {
    Ge(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] >= b[i] ? 1 : 0;
      }
    }
  }

  private static final class Where extends Elementwise {
    Where(Tensor condition, Tensor a, Tensor b) {
      super(condition, a, b);
    }

    @Override
    void elements(float[][] x, float[] y, int from, int to) {
      choose(x[0], x[1], x[2], y, from, to);
    }

    private static void choose(float[] c, float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = c[i] != 0 ? a[i] : b[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return switch (input) {
        case 1 -> where(input(0), g, Tensor.scalar(0));
        case 2 -> where(input(0), Tensor.scalar(0), g);
        default -> null;
      };
    }
  }

  private static final class Maximum extends Elementwise.Binary {
    Maximum(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.max(a[i], b[i]);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(share(input(input), input(1 - input)));
    }
  }

  private static final class Minimum extends Elementwise.Binary {
    Minimum(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.min(a[i], b[i]);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(share(input(1 - input), input(input)));
    }
  }

  /** 1 where a is above b, 1/2 where they are equal, else 0. */
  private static Tensor share(Tensor above, Tensor below) {
    return above.gt(below).add(above.ge(below)).mul(0.5);
  }

  private static final class Clamp extends Elementwise.Unary {
    private final float low;
    private final float high;

    Clamp(Tensor x, float low, float high) {
      super(x);
      this.low = low;
      this.high = high;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.min(Math.max(x[i], low), high);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(0).ge(low)).mul(input(0).le(high));
    }
  }
}
