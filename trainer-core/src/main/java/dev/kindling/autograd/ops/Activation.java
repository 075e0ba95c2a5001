package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Tensor;

/** Functions of one element that serve as activations and are not made of simpler ones. */
public final class Activation {
  private static final Kernels KERNELS = Kernels.best();

  private Activation() {}

  /** {@code x > 0 ? x : slope * x}; the gradient at 0 is the slope. */
  public static Tensor leakyRelu(Tensor x, float slope) {
    return new LeakyRelu(x, slope).broadcast();
  }

  /** {@code 2 / sqrt(pi) * integral from 0 to x of e^-t^2}, within 4e-7 of its value. */
  public static Tensor erf(Tensor x) {
    return new Erf(x.contiguous()).apply(x.shape());
  }

  /** {@code x / 2 (1 + erf(x / sqrt 2))}. */
  public static Tensor gelu(Tensor x) {
    return new Gelu(x.contiguous()).apply(x.shape());
  }

  /** {@code log(1 + e^x)}, without overflow. */
  public static Tensor softplus(Tensor x) {
    return new Softplus(x.contiguous()).apply(x.shape());
  }

  /** {@code x > 0 ? 1 : 0}, with the gradient passed through as if it were {@code x}. */
  public static Tensor step(Tensor x) {
    return new Step(x).broadcast();
  }

  private static final class LeakyRelu extends Elementwise.Unary {
    private final float slope;

    LeakyRelu(Tensor x, float slope) {
      super(x);
      this.slope = slope;
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = Math.max(x[i], 0) + slope * Math.min(x[i], 0);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return new LeakyReluGradient(g, input(0), slope).broadcast();
    }
  }

  /** {@code dx = x > 0 ? g : slope * g}. */
  private static final class LeakyReluGradient extends Elementwise.Binary {
    private final float slope;

    LeakyReluGradient(Tensor g, Tensor x, float slope) {
      super(g, x);
      this.slope = slope;
    }

    @Override
    void elements(float[] g, float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] > 0 ? g[i] : slope * g[i];
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      return input == 0 ? new LeakyReluGradient(gg, input(1), slope).broadcast() : null;
    }
  }

  private static final class Erf extends Op {
    Erf(Tensor x) {
      super(x);
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      Tensor y = output();
      KERNELS.erf(x.array(), x.offset(), y.array(), y.offset(), y.shape().elements());
    }

    @Override
    protected boolean canOverwrite(int input) {
      return true;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      Tensor x = input(0);
      return g.mul(x.square().neg().exp().mul(2 / Math.sqrt(Math.PI)));
    }
  }

  private static final class Gelu extends Op {
    Gelu(Tensor x) {
      super(x);
    }

    @Override
    protected void run() {
      Tensor x = input(0);
      Tensor y = output();
      KERNELS.gelu(x.array(), x.offset(), y.array(), y.offset(), y.shape().elements());
    }

    @Override
    protected boolean canOverwrite(int input) {
      return true;
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return new GeluGradient(g.contiguous(), input(0)).apply(g.shape());
    }
  }

  /** {@code dx = g (Phi(x) + x phi(x))}, with the normal distribution and its density. */
  private static final class GeluGradient extends Op {
    GeluGradient(Tensor g, Tensor x) {
      super(g, x);
    }

    @Override
    protected void run() {
      Tensor g = input(0);
      Tensor x = input(1);
      Tensor dx = output();
      KERNELS.geluGradient(
          x.array(),
          x.offset(),
          g.array(),
          g.offset(),
          dx.array(),
          dx.offset(),
          dx.shape().elements());
    }

    /** The slope's own slope is {@code phi(x) (2 - x^2)}. */
    @Override
    protected Tensor gradient(int input, Tensor gg) {
      if (input == 0) {
        return new GeluGradient(gg.contiguous(), input(1)).apply(gg.shape());
      }
      Tensor square = input(1).square();
      Tensor density = square.mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
      return gg.mul(input(0)).mul(density).mul(square.neg().add(2));
    }
  }

  /** {@code max(x, 0) + log(1 + e^-|x|)}. */
  private static final class Softplus extends Op {
    Softplus(Tensor x) {
      super(x);
    }

    @Override
    protected void run() {
      float[] x = input(0).array();
      float[] y = output().array();
      int from = input(0).offset();
      int to = output().offset();
      int n = output().shape().elements();
      for (int i = 0; i < n; i++) {
        y[to + i] = -Math.abs(x[from + i]);
      }
      KERNELS.exp(y, to, y, to, n);
      for (int i = 0; i < n; i++) {
        y[to + i] += 1;
      }
      KERNELS.log(y, to, y, to, n);
      for (int i = 0; i < n; i++) {
        y[to + i] += Math.max(x[from + i], 0);
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(0).sigmoid());
    }
  }

  private static final class Step extends Elementwise.Unary {
    Step(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        y[i] = x[i] > 0 ? 1 : 0;
      }
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }
}
