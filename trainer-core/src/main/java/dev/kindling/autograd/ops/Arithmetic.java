package dev.kindling.autograd.ops;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.Shape;
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

  /** One of the four: runs {@link #row} over rows of the broadcast shape. */
  private abstract static class Binary extends Op {
    private int[] sizes;
    private int[] firstStrides;
    private int[] secondStrides;

    Binary(Tensor a, Tensor b) {
      super(a, b);
    }

    final Tensor broadcast() {
      Tensor a = input(0);
      Tensor b = input(1);
      Shape shape =
          Shape.broadcast(name().toLowerCase(java.util.Locale.ROOT), a.shape(), b.shape());
      boolean flat = a.shape().equals(b.shape()) && a.isContiguous() && b.isContiguous();
      sizes = flat ? new int[] {shape.elements()} : shape.toArray();
      firstStrides = flat ? new int[] {1} : Strided.broadcastStrides(a, shape);
      secondStrides = flat ? new int[] {1} : Strided.broadcastStrides(b, shape);
      return apply(shape);
    }

    @Override
    protected final void run() {
      if (output().shape().elements() > 0) {
        run(0, input(0).offset(), input(1).offset(), output().offset());
      }
    }

    /** Fills the block of the output that starts at {@code at}; returns where it ends. */
    private int run(int dimension, int firstAt, int secondAt, int at) {
      if (dimension >= sizes.length - 1) {
        int n = sizes.length == 0 ? 1 : sizes[dimension];
        int firstStride = sizes.length == 0 ? 0 : firstStrides[dimension];
        int secondStride = sizes.length == 0 ? 0 : secondStrides[dimension];
        row(
            input(0).array(),
            firstAt,
            firstStride,
            input(1).array(),
            secondAt,
            secondStride,
            output().array(),
            at,
            n);
        return at + n;
      }
      int next = at;
      for (int i = 0; i < sizes[dimension]; i++) {
        next =
            run(
                dimension + 1,
                firstAt + i * firstStrides[dimension],
                secondAt + i * secondStrides[dimension],
                next);
      }
      return next;
    }

    abstract void row(
        float[] a,
        int aAt,
        int aStride,
        float[] b,
        int bAt,
        int bStride,
        float[] c,
        int cAt,
        int n);
  }

  private static final class Add extends Binary {
    Add(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }

    @Override
    void row(
        float[] a,
        int aAt,
        int aStride,
        float[] b,
        int bAt,
        int bStride,
        float[] c,
        int cAt,
        int n) {
      if (aStride == 1 && bStride == 1) {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i] + b[bAt + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i * aStride] + b[bAt + i * bStride];
        }
      }
    }
  }

  private static final class Sub extends Binary {
    Sub(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? g : g.neg();
    }

    @Override
    void row(
        float[] a,
        int aAt,
        int aStride,
        float[] b,
        int bAt,
        int bStride,
        float[] c,
        int cAt,
        int n) {
      if (aStride == 1 && bStride == 1) {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i] - b[bAt + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i * aStride] - b[bAt + i * bStride];
        }
      }
    }
  }

  private static final class Mul extends Binary {
    Mul(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g.mul(input(1 - input));
    }

    @Override
    void row(
        float[] a,
        int aAt,
        int aStride,
        float[] b,
        int bAt,
        int bStride,
        float[] c,
        int cAt,
        int n) {
      if (aStride == 1 && bStride == 1) {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i] * b[bAt + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i * aStride] * b[bAt + i * bStride];
        }
      }
    }
  }

  private static final class Div extends Binary {
    Div(Tensor a, Tensor b) {
      super(a, b);
    }

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return input == 0 ? g.div(input(1)) : g.mul(output()).div(input(1)).neg();
    }

    @Override
    void row(
        float[] a,
        int aAt,
        int aStride,
        float[] b,
        int bAt,
        int bStride,
        float[] c,
        int cAt,
        int n) {
      if (aStride == 1 && bStride == 1) {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i] / b[bAt + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          c[cAt + i] = a[aAt + i * aStride] / b[bAt + i * bStride];
        }
      }
    }
  }
}
