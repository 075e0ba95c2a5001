package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Tensor;

/** Functions of one element. */
public final class Unary {
  private static final Kernels KERNELS = Kernels.best();

  private Unary() {}

  /** {@code max(x, 0)}; the gradient at 0 is 0. */
  public static Tensor relu(Tensor x) {
    return ChannelsLast.is(x)
        ? ChannelsLast.back(relu(ChannelsLast.of(x)))
        : new Relu(x.contiguous()).apply();
  }

  /** {@code dx = y > 0 ? g : 0}. */
  static Tensor reluGradient(Tensor g, Tensor y) {
    return new ReluGradient(g.contiguous(), y).apply(y.shape());
  }

  /** {@code e^x}. */
  public static Tensor exp(Tensor x) {
    return new Exp(x.contiguous()).apply();
  }

  /** Natural logarithm. */
  public static Tensor log(Tensor x) {
    return new Log(x.contiguous()).apply();
  }

  /** Square root. */
  public static Tensor sqrt(Tensor x) {
    return new Sqrt(x.contiguous()).apply();
  }

  /** Hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return new Tanh(x.contiguous()).apply();
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static Tensor sigmoid(Tensor x) {
    return new Sigmoid(x.contiguous()).apply();
  }

  /** Sine. */
  public static Tensor sin(Tensor x) {
    return new Sin(x.contiguous()).apply();
  }

  /** Cosine. */
  public static Tensor cos(Tensor x) {
    return new Cos(x.contiguous()).apply();
  }

  private abstract static class UnaryOp extends Op {
    UnaryOp(Tensor x) {
      super(x);
    }

    final Tensor apply() {
      return apply(input(0).shape());
    }

    @Override
    protected final void run() {
      Tensor x = input(0);
      Tensor y = output();
      elements(x.array(), x.offset(), y.array(), y.offset(), y.shape().elements());
    }

    @Override
    protected final boolean canOverwrite(int input) {
      return true;
    }

    abstract void elements(float[] x, int xAt, float[] y, int yAt, int n);
  }

  /** y = max(x, 0). */
  static final class Relu extends UnaryOp {
    Relu(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.relu(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      Tensor ofPooled = MaxPool.rectified(g, output());
      return ofPooled == null ? reluGradient(g, output()) : ofPooled;
    }
  }

  /** {@code dx = y > 0 ? dy : 0}. */
  static final class ReluGradient extends Op {
    ReluGradient(Tensor outputGradient, Tensor output) {
      super(outputGradient, output);
    }

    @Override
    protected void run() {
      Tensor g = input(0);
      Tensor y = input(1);
      Tensor dx = output();
      KERNELS.reluBackward(
          g.array(),
          g.offset(),
          y.array(),
          y.offset(),
          dx.array(),
          dx.offset(),
          dx.shape().elements());
    }

    @Override
    protected boolean canOverwrite(int input) {
      return true;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? new ReluGradient(g.contiguous(), input(1)).apply(g.shape()) : null;
    }
  }

  private static final class Exp extends UnaryOp {
    Exp(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.exp(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(output());
    }
  }

  private static final class Log extends UnaryOp {
    Log(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.log(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.div(input(0));
    }
  }

  private static final class Sqrt extends UnaryOp {
    Sqrt(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.sqrt(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.div(output().mul(2));
    }
  }

  private static final class Tanh extends UnaryOp {
    Tanh(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.tanh(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(output().square().neg().add(1));
    }
  }

  private static final class Sigmoid extends UnaryOp {
    Sigmoid(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.sigmoid(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(output()).mul(output().neg().add(1));
    }
  }

  private static final class Sin extends UnaryOp {
    Sin(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.sin(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(0).cos());
    }
  }

  private static final class Cos extends UnaryOp {
    Cos(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, int xAt, float[] y, int yAt, int n) {
      KERNELS.cos(x, xAt, y, yAt, n);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(0).sin()).neg();
    }
  }
}
