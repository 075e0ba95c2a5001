package dev.kindling.kernel;

import java.util.Arrays;

/** Plain loops that the compiler turns into vectors by itself where it can. */
final class ScalarKernels extends Kernels {
  @Override
  public String name() {
    return "plain loops";
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
    float[] rows = b;
    int rowsOffset = bOffset;
    int stride = ldb;
    if (transposeB) {
      rows = workspace.transposed(k * n);
      rowsOffset = 0;
      stride = n;
      transpose(k, n, b, bOffset, ldb, rows);
    }
    int step = transposeA ? lda : 1;
    for (int i = 0; i < m; i++) {
      int row = cOffset + i * ldc;
      int aRow = aOffset + (transposeA ? i : i * lda);
      if (!accumulate) {
        Arrays.fill(c, row, row + n, 0);
      }
      int p = 0;
      for (; p + 4 <= k; p += 4) {
        int at = aRow + p * step;
        addFour(
            n,
            a[at],
            a[at + step],
            a[at + 2 * step],
            a[at + 3 * step],
            rows,
            rowsOffset + p * stride,
            stride,
            c,
            row);
      }
      for (; p < k; p++) {
        addOne(n, a[aRow + p * step], rows, rowsOffset + p * stride, c, row);
      }
      if (workspace.ending != null) {
        workspace.ending.finish(c, row, 0, 0, n);
      }
    }
  }

  private static void transpose(int k, int n, float[] b, int bOffset, int ldb, float[] into) {
    for (int j = 0; j < n; j++) {
      for (int p = 0; p < k; p++) {
        into[p * n + j] = b[bOffset + j * ldb + p];
      }
    }
  }

  /** Four links of every element's chain. */
  private static void addFour(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt) {
    int b1 = bAt + ldb;
    int b2 = b1 + ldb;
    int b3 = b2 + ldb;
    for (int j = 0; j < n; j++) {
      float sum = Math.fma(a0, b[bAt + j], c[cAt + j]);
      sum = Math.fma(a1, b[b1 + j], sum);
      sum = Math.fma(a2, b[b2 + j], sum);
      c[cAt + j] = Math.fma(a3, b[b3 + j], sum);
    }
  }

  private static void addOne(int n, float a, float[] b, int bAt, float[] c, int cAt) {
    for (int j = 0; j < n; j++) {
      c[cAt + j] = Math.fma(a, b[bAt + j], c[cAt + j]);
    }
  }

  @Override
  int panelWidth() {
    return ScalarConvolution.WIDTH;
  }

  @Override
  public void convolve(ConvolutionWorkspace workspace, float[] y, int yAt, int apart) {
    ScalarConvolution.outputs(workspace, y, yAt, apart);
  }

  @Override
  public void convolutionWeights(ConvolutionWorkspace workspace, float[] dy, int dyAt, int apart) {
    ScalarConvolution.weights(workspace, dy, dyAt, apart);
  }

  @Override
  public void maxOfFour(
      int windows,
      int n,
      float[] x,
      int top,
      int below,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt) {
    PoolLoops.maxOfFour(0, windows, n, x, top, below, y, yAt, chosen, chosenAt);
  }

  @Override
  public void gradientOfFour(
      int windows,
      int n,
      float[] g,
      int gAt,
      float[] chosen,
      int chosenAt,
      float[] y,
      int yAt,
      float above,
      float[] dx,
      int top,
      int below) {
    PoolLoops.gradientOfFour(
        0, windows, n, g, gAt, chosen, chosenAt, y, yAt, above, dx, top, below);
  }

  @Override
  public void reluBackward(float[] dy, int dyAt, float[] y, int yAt, float[] dx, int dxAt, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxAt + i] = y[yAt + i] > 0 ? dy[dyAt + i] : 0;
    }
  }
}
