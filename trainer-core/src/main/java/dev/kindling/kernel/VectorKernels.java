package dev.kindling.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The Vector API where the compiler does not find the vectors by itself. */
final class VectorKernels extends Kernels {
  @Override
  public String name() {
    return "Vector API, " + VectorTiles.SPECIES.vectorBitSize() + " bits";
  }

  @Override
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] c,
      int cOffset,
      int ldc,
      boolean accumulate,
      GemmWorkspace workspace) {
    if (!accumulate) {
      for (int i = 0; i < m; i++) {
        Arrays.fill(c, cOffset + i * ldc, cOffset + i * ldc + n, 0);
      }
    }
    VectorGemm.run(
        transposeA,
        transposeB,
        m,
        n,
        k,
        a,
        aOffset,
        lda,
        b,
        bOffset,
        ldb,
        c,
        cOffset,
        ldc,
        workspace);
  }

  @Override
  public void reluBackward(float[] dy, int dyAt, float[] y, int yAt, float[] dx, int dxAt, int n) {
    int whole = n - n % VectorTiles.LANES;
    for (int i = 0; i < whole; i += VectorTiles.LANES) {
      VectorMask<Float> isPositive =
          FloatVector.fromArray(VectorTiles.SPECIES, y, yAt + i).compare(VectorOperators.GT, 0);
      FloatVector g = FloatVector.fromArray(VectorTiles.SPECIES, dy, dyAt + i);
      FloatVector.zero(VectorTiles.SPECIES).blend(g, isPositive).intoArray(dx, dxAt + i);
    }
    for (int i = whole; i < n; i++) {
      dx[dxAt + i] = y[yAt + i] > 0 ? dy[dyAt + i] : 0;
    }
  }

  @Override
  public void normalise(
      byte[] x,
      int xAt,
      float scale,
      float mean,
      float deviation,
      float[] table,
      float[] y,
      int yAt,
      int n) {
    boolean wide = VectorTiles.LANES >= VectorPixels.FEWEST_LANES;
    int whole = wide ? n - n % VectorTiles.LANES : 0;
    if (wide) {
      VectorPixels.normalise(x, xAt, scale, mean, deviation, y, yAt, whole);
    }
    super.normalise(x, xAt + whole, scale, mean, deviation, table, y, yAt + whole, n - whole);
  }
}
