package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Sums, maxima and multiples of rows in vectors; n is a multiple of the vector's length. */
final class VectorRows {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;

  /** Columns that {@link #columnSums} adds up at a time. */
  static final int BLOCK = 4 * LANES;

  private VectorRows() {}

  /** {@code c = a + b}. */
  static void add(float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + i)
          .add(FloatVector.fromArray(SPECIES, b, bAt + i))
          .intoArray(c, cAt + i);
    }
  }

  /** {@code y = max(x, 0)}. */
  static void rectify(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xAt + i).max(0).intoArray(y, yAt + i);
    }
  }

  /** {@code x = max(x + b, 0)}. */
  static void addRectified(float[] x, int at, float[] b, int bAt, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, x, at + i)
          .add(FloatVector.fromArray(SPECIES, b, bAt + i))
          .max(0)
          .intoArray(x, at + i);
    }
  }

  /** The largest of n elements; NaN does not count. */
  static float max(float[] x, int at, int n) {
    FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, at + i);
      largest = largest.blend(v, v.compare(VectorOperators.GT, largest));
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  /** {@code x = x * factor}. */
  static void scale(float[] x, int at, float factor, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, x, at + i).mul(factor).intoArray(x, at + i);
    }
  }

  /** {@code y[j] = sum over i of x[i, j]} for {@link #BLOCK} columns, from the first row on. */
  static void columnSums(float[] x, int xAt, int rows, int stride, float[] y, int yAt) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int end = xAt + rows * stride;
    for (int i = xAt; i < end; i += stride) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, x, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, x, i + LANES));
      s2 = s2.add(FloatVector.fromArray(SPECIES, x, i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(SPECIES, x, i + 3 * LANES));
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + LANES);
    s2.intoArray(y, yAt + 2 * LANES);
    s3.intoArray(y, yAt + 3 * LANES);
  }

  /** {@link #columnSums} for two vectors of columns. */
  static void columnSumsOfTwo(float[] x, int xAt, int rows, int stride, float[] y, int yAt) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    int end = xAt + rows * stride;
    for (int i = xAt; i < end; i += stride) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, x, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, x, i + LANES));
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + LANES);
  }
}
