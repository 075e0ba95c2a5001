package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link AttentionKernels} in vectors of neighbouring columns, once they are compiled. */
final class VectorAttention extends AttentionKernels {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;
  private static final int ROWS = 24;
  private static final int FORWARD = 32;
  private static final int BACKWARD = 16;

  private final WarmUp forward;
  private final WarmUp backward;
  private final WarmUp slim;
  private final VectorGemm gemm;

  VectorAttention(WarmUp.Policy policy, VectorGemm gemm) {
    this.gemm = gemm;
    slim = policy.of("slimTiles", VectorAttention::slimSample);
    forward = policy.of("attention", VectorAttention::forwardSample);
    backward = policy.of("attentionGradient", VectorAttention::backwardSample);
  }

  private static Runnable forwardSample() {
    float[] p = new float[ROWS * LANES];
    return () -> whole(p, 0, ROWS, LANES, LANES, 1);
  }

  private static Runnable backwardSample() {
    float[] p = new float[ROWS * LANES];
    return () -> column(p, 0, p, 0, ROWS, LANES, 1);
  }

  private static Runnable slimSample() {
    float[] x = new float[Math.max(LANES, SlimTiles.HEIGHT) * ROWS];
    float[] c = new float[SlimTiles.HEIGHT * LANES];
    return () -> {
      SlimTiles.rows(ROWS, x, 0, ROWS, x, 0, LANES, c, 0, LANES);
      SlimTiles.columns(ROWS, x, 0, SlimTiles.HEIGHT, x, 0, LANES, c, 0, LANES);
    };
  }

  @Override
  public void product(
      boolean transposeA,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt,
      int ldc,
      GemmWorkspace workspace) {
    boolean fits = n % LANES == 0 && n < 2 * VectorTiles.WIDTH && m % SlimTiles.HEIGHT == 0;
    if (!fits || !slim.isOver(m * n * k)) {
      gemm.run(transposeA, false, m, n, k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc, false, workspace);
      return;
    }
    for (int j = 0; j < n; j += LANES) {
      for (int i = 0; i < m; i += SlimTiles.HEIGHT) {
        if (transposeA) {
          SlimTiles.columns(k, a, aAt + i, lda, b, bAt + j, ldb, c, cAt + i * ldc + j, ldc);
        } else {
          SlimTiles.rows(k, a, aAt + i * lda, lda, b, bAt + j, ldb, c, cAt + i * ldc + j, ldc);
        }
      }
    }
  }

  @Override
  public void softmax(float[] p, int at, int rows, int columns, float factor) {
    int whole = forward.isOver(FORWARD * rows * columns) ? columns - columns % LANES : 0;
    if (whole > 0) {
      whole(p, at, rows, columns, whole, factor);
    }
    softmax(whole, p, at, rows, columns, factor);
  }

  /** The first {@code whole} columns. */
  private static void whole(float[] p, int at, int rows, int columns, int whole, float factor) {
    for (int j = at; j < at + whole; j += LANES) {
      subtractLargest(p, j, rows, columns);
    }
    boolean isAll = whole == columns;
    int lines = isAll ? 1 : rows;
    int length = isAll ? rows * columns : whole;
    for (int i = 0; i < lines; i++) {
      int line = at + i * columns;
      VectorFunctions.exp(p, line, factor, 0, p, line, length);
    }
    for (int j = at; j < at + whole; j += LANES) {
      divideBySum(p, j, rows, columns);
    }
  }

  private static void subtractLargest(float[] p, int at, int rows, int columns) {
    FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int end = at + rows * columns;
    for (int i = at; i < end; i += columns) {
      FloatVector x = FloatVector.fromArray(SPECIES, p, i);
      largest = largest.blend(x, x.compare(VectorOperators.GT, largest));
    }
    for (int i = at; i < end; i += columns) {
      FloatVector.fromArray(SPECIES, p, i).sub(largest).intoArray(p, i);
    }
  }

  private static void divideBySum(float[] p, int at, int rows, int columns) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int end = at + rows * columns;
    for (int i = at; i < end; i += columns) {
      sum = sum.add(FloatVector.fromArray(SPECIES, p, i));
    }
    FloatVector scale = FloatVector.broadcast(SPECIES, 1).div(sum);
    for (int i = at; i < end; i += columns) {
      FloatVector.fromArray(SPECIES, p, i).mul(scale).intoArray(p, i);
    }
  }

  @Override
  public void softmaxGradient(
      float[] p, int at, float[] g, int gAt, int rows, int columns, float factor) {
    int whole = backward.isOver(BACKWARD * rows * columns) ? columns - columns % LANES : 0;
    for (int j = 0; j < whole; j += LANES) {
      column(p, at + j, g, gAt + j, rows, columns, factor);
    }
    softmaxGradient(whole, p, at, g, gAt, rows, columns, factor);
  }

  private static void column(
      float[] p, int at, float[] g, int gAt, int rows, int columns, float factor) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < rows; i++) {
      sum =
          FloatVector.fromArray(SPECIES, p, at + i * columns)
              .fma(FloatVector.fromArray(SPECIES, g, gAt + i * columns), sum);
    }
    for (int i = 0; i < rows; i++) {
      int k = gAt + i * columns;
      FloatVector.fromArray(SPECIES, p, at + i * columns)
          .mul(FloatVector.fromArray(SPECIES, g, k).sub(sum))
          .mul(factor)
          .intoArray(g, k);
    }
  }
}
