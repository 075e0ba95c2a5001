package dev.kindling.kernel;

/**
 * Softmax along the columns of matrices [rows, columns] that stand row-major, and its gradient, as
 * plain loops. Attention keeps its scores so, a column for each query: then sums run down the rows,
 * one chain of additions a column, and are the same for vectors of any width. Thread-safe: no
 * state.
 */
public class AttentionKernels {
  AttentionKernels() {}

  /**
   * {@code p[i, j] = e^(factor p[i, j]) / sum over k of e^(factor p[k, j])}, the column's maximum
   * taken out first.
   *
   * @param factor above zero
   */
  public void softmax(float[] p, int at, int rows, int columns, float factor) {
    softmax(0, p, at, rows, columns, factor);
  }

  static void softmax(int from, float[] p, int at, int rows, int columns, float factor) {
    int end = at + rows * columns;
    for (int j = at + from; j < at + columns; j++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = j; i < end; i += columns) {
        largest = p[i] > largest ? p[i] : largest;
      }
      float sum = 0;
      for (int i = j; i < end; i += columns) {
        p[i] = Functions.exp((p[i] - largest) * factor);
        sum += p[i];
      }
      float scale = 1 / sum;
      for (int i = j; i < end; i += columns) {
        p[i] *= scale;
      }
    }
  }

  /**
   * {@code g[i, j] = p[i, j] (g[i, j] - sum over k of p[k, j] g[k, j]) factor}: the gradient of the
   * softmax p and of a factor before it.
   */
  public void softmaxGradient(
      float[] p, int at, float[] g, int gAt, int rows, int columns, float factor) {
    softmaxGradient(0, p, at, g, gAt, rows, columns, factor);
  }

  static void softmaxGradient(
      int from, float[] p, int at, float[] g, int gAt, int rows, int columns, float factor) {
    for (int j = from; j < columns; j++) {
      float sum = 0;
      for (int i = 0; i < rows; i++) {
        sum = Math.fma(p[at + i * columns + j], g[gAt + i * columns + j], sum);
      }
      for (int i = 0; i < rows; i++) {
        int k = gAt + i * columns + j;
        g[k] = p[at + i * columns + j] * (g[k] - sum) * factor;
      }
    }
  }

  /**
   * {@code C[m, n] = op(A)[m, k] B[k, n]} for few columns, as a head has features: one chain of
   * fused multiply-adds an element, as {@link Kernels#gemm} computes it.
   */
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
    Kernels.scalar()
        .gemm(transposeA, false, m, n, k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc, false, workspace);
  }
}
