package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;

/**
 * {@code gain * Q}, where a normal matrix is {@code Q R} and R has a positive diagonal (Saxe et
 * al., 2013): the rows, or the columns where they are fewer, are orthogonal and of length gain. A
 * weight of more than two dimensions is a matrix of its first and all others.
 *
 * @param gain 1 unless written
 */
public record Orthogonal(double gain) implements Initializer {
  static Orthogonal of(Spec spec) {
    return new Orthogonal(spec.allow("gain").number("gain", 1));
  }

  @Override
  public void fill(float[] array, int offset, Shape shape, Philox random) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "Orthogonal: %s is no matrix; start it as Zeros or Normal".formatted(shape));
    }
    int elements = shape.elements();
    int rows = shape.size(0);
    int columns = rows == 0 ? 0 : elements / rows;
    random.fillNormal(array, offset, elements, 0, 1);
    boolean isWide = rows < columns;
    double[][] vectors = new double[Math.min(rows, columns)][Math.max(rows, columns)];
    for (int i = 0; i < elements; i++) {
      int row = i / columns;
      int column = i % columns;
      vectors[isWide ? row : column][isWide ? column : row] = array[offset + i];
    }
    orthonormalize(vectors);
    for (int i = 0; i < elements; i++) {
      int row = i / columns;
      int column = i % columns;
      double q = vectors[isWide ? row : column][isWide ? column : row];
      array[offset + i] = (float) (gain * q);
    }
  }

  /** Gram and Schmidt, each vector twice, so that what rounding leaves is removed too. */
  private static void orthonormalize(double[][] vectors) {
    for (int i = 0; i < vectors.length; i++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          addScaled(vectors[i], -dot(vectors[i], vectors[j]), vectors[j]);
        }
      }
      double length = Math.sqrt(dot(vectors[i], vectors[i]));
      for (int k = 0; k < vectors[i].length; k++) {
        vectors[i][k] /= length;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void addScaled(double[] to, double factor, double[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * from[i];
    }
  }

  @Override
  public Spec toSpec() {
    return Spec.of("Orthogonal").with("gain", gain, 1.0);
  }
}
