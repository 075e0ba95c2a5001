package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;

/**
 * {@code y[n, t, 2i] = x + sin(t / 10000^(2i / dim))}, {@code y[n, t, 2i + 1] = x + cos(t /
 * 10000^(2i / dim))}: where a position stands, so that attention can tell (Vaswani et al., 2017).
 * Shapes [n, t, dim] -> the same.
 */
public final class PositionalEncoding extends Module {
  private static final long serialVersionUID = 1L;
  private static final double LONGEST = 10_000;

  @Override
  public Tensor forward(Tensor x) {
    if (x.shape().rank() != 3) {
      throw new ShapeException(
          "PositionalEncoding: input %s must be [n,t,dim]; unsqueeze or reshape it"
              .formatted(x.shape()));
    }
    return x.add(encoding(x.size(1), x.size(2)));
  }

  private static Tensor encoding(int length, int dim) {
    float[] waves = new float[length * dim];
    for (int t = 0; t < length; t++) {
      for (int i = 0; i < dim; i++) {
        double angle = t / StrictMath.pow(LONGEST, (double) (i / 2 * 2) / dim);
        double wave = i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle);
        waves[t * dim + i] = (float) wave;
      }
    }
    return Tensor.of(waves, length, dim);
  }

  @Override
  protected Spec describe() {
    return Spec.of("PositionalEncoding");
  }
}
