package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.kernel.Kernels;
import dev.kindling.tensor.Tensor;

/** Functions of one element that serve as activations and are not made of simpler ones. */
public final class Activation {
  private Activation() {}

  /** {@code x > 0 ? x : slope * x}; the gradient at 0 is the slope. */
  public static Tensor leakyRelu(Tensor x, float slope) {
    return new LeakyRelu(x, slope).broadcast();
  }

  /** {@code 2 / sqrt(pi) * integral from 0 to x of e^-t^2}, within 4e-7 of its value. */
  public static Tensor erf(Tensor x) {
    return new Erf(x).broadcast();
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

  /**
   * {@code x P(x^2) / Q(x^2)}, fitted to the relative error on [0, 3.925] by reweighted least
   * squares; beyond it erf is 1 to the last bit.
   */
  private static final class Erf extends Elementwise.Unary {
    private static final float END = 3.925f;

    Erf(Tensor x) {
      super(x);
    }

    @Override
    void elements(float[] x, float[] y, int from, int to) {
      for (int i = from; i < to; i++) {
        float z = Math.max(-END, Math.min(END, x[i]));
        float t = z * z;
        y[i] = Math.max(-1, Math.min(1, z * numerator(t) / denominator(t)));
      }
    }

    private static float numerator(float t) {
      float p = Math.fma(2.046226882e-06f, t, 2.846256248e-04f);
      p = Math.fma(p, t, 3.765885253e-03f);
      p = Math.fma(p, t, 5.274834484e-02f);
      p = Math.fma(p, t, 1.904478371e-01f);
      return Math.fma(p, t, 1.128379107e+00f);
    }

    private static float denominator(float t) {
      float q = Math.fma(3.803850996e-05f, t, 1.162118511e-03f);
      q = Math.fma(q, t, 1.496984530e-02f);
      q = Math.fma(q, t, 1.141209155e-01f);
      q = Math.fma(q, t, 5.021127462e-01f);
      return Math.fma(q, t, 1);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      Tensor x = input(0);
      return g.mul(x.square().neg().exp().mul(2 / Math.sqrt(Math.PI)));
    }
  }

  /** {@code max(x, 0) + log(1 + e^-|x|)}. */
  private static final class Softplus extends Op {
    private static final Kernels KERNELS = Kernels.best();

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
