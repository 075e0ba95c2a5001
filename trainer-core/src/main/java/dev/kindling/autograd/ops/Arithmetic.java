package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/** Addition, subtraction, multiplication and division, element by element, with broadcasting. */
public final class Arithmetic {
  private Arithmetic() {}

  /** {@code a + b}. */
  public static Tensor add(Tensor a, Tensor b) {
    return new Add(a, b).broadcast();
  }

  /** {@code a - b}. */
  public static Tensor sub(Tensor a, Tensor b) {
    return new Sub(a, b).broadcast();
  }

  /** {@code a * b}. */
  public static Tensor mul(Tensor a, Tensor b) {
    return new Mul(a, b).broadcast();
  }

  /** {@code a / b}. */
  public static Tensor div(Tensor a, Tensor b) {
    return new Div(a, b).broadcast();
  }

  /** {@code x + constant}. */
  public static Tensor add(Tensor x, float constant) {
    return new AddConstant(x, constant).broadcast();
  }

  /** {@code x * constant}. */
  public static Tensor mul(Tensor x, float constant) {
    return new MulConstant(x, constant).broadcast();
  }

  /** {@code x / constant}. */
  public static Tensor div(Tensor x, float constant) {
    return new DivConstant(x, constant).broadcast();
  }

  private static final class Add extends Elementwise.Binary {
    Add(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] + b[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }

  private static final class Sub extends Elementwise.Binary {
    Sub(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] - b[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? g : g.neg();
    }
  }

  private static final class Mul extends Elementwise.Binary {
    Mul(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] * b[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(1 - input));
    }
  }

  private static final class Div extends Elementwise.Binary {
    Div(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    void elements(float[] a, float[] b, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = a[i] / b[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? g.div(input(1)) : g.mul(output()).div(input(1)).neg();
    }
  }

  private static final class AddConstant extends Elementwise.Unary {
    private final float constant;

    AddConstant(Tensor x, float constant) {
      super(x);
      this.constant = constant;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] + constant;
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }

  private static final class MulConstant extends Elementwise.Unary {
    private final float constant;

    MulConstant(Tensor x, float constant) {
      super(x);
      this.constant = constant;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] * constant;
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(constant);
    }
  }

  private static final class DivConstant extends Elementwise.Unary {
    private final float constant;

    DivConstant(Tensor x, float constant) {
      super(x);
      this.constant = constant;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] / constant;
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.div(constant);
    }
  }
}
