package dev.kindling.kernel;

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
        accumulate,
        workspace);
  }

  @Override
  int panelWidth() {
    return VectorTiles.WIDTH;
  }

  @Override
  public void convolve(ConvolutionWorkspace workspace, float[] y, int yAt, int apart) {
    VectorConvolution.outputs(workspace, y, yAt, apart);
  }

  @Override
  public void convolutionWeights(ConvolutionWorkspace workspace, float[] dy, int dyAt, int apart) {
    VectorConvolution.weights(workspace, dy, dyAt, apart);
  }

  @Override
  public void maxOfFour(
      float[] x, int top, int below, int n, float[] y, int yAt, float[] chosen, int chosenAt) {
    int whole = n - n % VectorTiles.LANES;
    for (int c = 0; c < whole; c += VectorTiles.LANES) {
      FloatVector most = FloatVector.fromArray(VectorTiles.SPECIES, x, top + c);
      FloatVector which = FloatVector.zero(VectorTiles.SPECIES);
      FloatVector next = FloatVector.fromArray(VectorTiles.SPECIES, x, top + n + c);
      VectorMask<Float> isLarger = next.compare(VectorOperators.GT, most);
      most = most.blend(next, isLarger);
      which = which.blend(1, isLarger);
      next = FloatVector.fromArray(VectorTiles.SPECIES, x, below + c);
      isLarger = next.compare(VectorOperators.GT, most);
      most = most.blend(next, isLarger);
      which = which.blend(2, isLarger);
      next = FloatVector.fromArray(VectorTiles.SPECIES, x, below + n + c);
      isLarger = next.compare(VectorOperators.GT, most);
      most = most.blend(next, isLarger);
      which = which.blend(3, isLarger);
      most.intoArray(y, yAt + c);
      which.intoArray(chosen, chosenAt + c);
    }
    PoolLoops.maxOfFour(whole, x, top, below, n, y, yAt, chosen, chosenAt);
  }

  @Override
  public void gradientOfFour(
      float[] g,
      int gAt,
      float[] chosen,
      int chosenAt,
      float[] y,
      int yAt,
      float above,
      int n,
      float[] dx,
      int top,
      int below) {
    int whole = n - n % VectorTiles.LANES;
    FloatVector zero = FloatVector.zero(VectorTiles.SPECIES);
    for (int c = 0; c < whole; c += VectorTiles.LANES) {
      FloatVector which = FloatVector.fromArray(VectorTiles.SPECIES, chosen, chosenAt + c);
      FloatVector passed =
          zero.blend(
              FloatVector.fromArray(VectorTiles.SPECIES, g, gAt + c),
              FloatVector.fromArray(VectorTiles.SPECIES, y, yAt + c)
                  .compare(VectorOperators.GT, above));
      zero.blend(passed, which.compare(VectorOperators.EQ, 0)).intoArray(dx, top + c);
      zero.blend(passed, which.compare(VectorOperators.EQ, 1)).intoArray(dx, top + n + c);
      zero.blend(passed, which.compare(VectorOperators.EQ, 2)).intoArray(dx, below + c);
      zero.blend(passed, which.compare(VectorOperators.EQ, 3)).intoArray(dx, below + n + c);
    }
    PoolLoops.gradientOfFour(whole, g, gAt, chosen, chosenAt, y, yAt, above, n, dx, top, below);
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
