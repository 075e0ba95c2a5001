package dev.kindling.kernel;

import java.util.Arrays;

/**
 * The matrix product in register tiles. B is read in panels as wide as a tile: where it stands
 * row-major and the panel is whole it is read in place, else it is packed first. Rows that no tile
 * of full height fits are taken by lower ones.
 */
final class VectorGemm {
  /** Elements of k that are worked off before C is stored and loaded again. */
  static final int DEPTH = 512;

  private static final int WIDTH = VectorTiles.WIDTH;
  private static final int HEIGHT = VectorTiles.LANES >= 16 ? 12 : 4;

  private VectorGemm() {}

  /** C += op(A) op(B). */
  static void run(
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
      GemmWorkspace workspace) {
    for (int p = 0; p < k; p += DEPTH) {
      int depth = Math.min(DEPTH, k - p);
      int aBlock = aOffset + (transposeA ? p * lda : p);
      for (int j = 0; j < n; j += WIDTH) {
        int width = Math.min(WIDTH, n - j);
        int bBlock = bOffset + (transposeB ? j * ldb + p : p * ldb + j);
        float[] panel = b;
        int panelOffset = bBlock;
        int panelStride = ldb;
        if (transposeB || width < WIDTH || m >= 4 * HEIGHT) {
          panel = workspace.panel;
          panelOffset = 0;
          panelStride = WIDTH;
          pack(transposeB, depth, width, b, bBlock, ldb, panel);
        }
        if (width == WIDTH) {
          column(
              transposeA,
              m,
              depth,
              a,
              aBlock,
              lda,
              panel,
              panelOffset,
              panelStride,
              c,
              cOffset + j,
              ldc);
        } else {
          narrow(transposeA, m, width, depth, a, aBlock, lda, c, cOffset + j, ldc, workspace);
        }
      }
    }
  }

  /** The last columns, fewer than a tile has: by way of a buffer as wide as a tile. */
  private static void narrow(
      boolean transposeA,
      int m,
      int width,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] c,
      int cOffset,
      int ldc,
      GemmWorkspace workspace) {
    float[] wide = workspace.column;
    for (int i = 0; i < m; i++) {
      System.arraycopy(c, cOffset + i * ldc, wide, i * WIDTH, width);
    }
    column(transposeA, m, k, a, aOffset, lda, workspace.panel, 0, WIDTH, wide, 0, WIDTH);
    for (int i = 0; i < m; i++) {
      System.arraycopy(wide, i * WIDTH, c, cOffset + i * ldc, width);
    }
  }

  private static void pack(
      boolean transposed, int k, int width, float[] b, int bOffset, int ldb, float[] panel) {
    if (width < WIDTH) {
      Arrays.fill(panel, 0, k * WIDTH, 0);
    }
    if (transposed) {
      for (int p = 0; p < k; p += 16) {
        transpose(Math.min(16, k - p), width, b, bOffset + p, ldb, panel, p * WIDTH);
      }
    } else {
      for (int p = 0; p < k; p++) {
        System.arraycopy(b, bOffset + p * ldb, panel, p * WIDTH, width);
      }
    }
  }

  /** Four rows at a time, so that four neighbours of a line are written together. */
  private static void transpose(
      int k, int width, float[] b, int bOffset, int ldb, float[] panel, int offset) {
    int j = 0;
    for (; j + 4 <= width; j += 4) {
      int row0 = bOffset + j * ldb;
      int row1 = row0 + ldb;
      int row2 = row1 + ldb;
      int row3 = row2 + ldb;
      int at = offset + j;
      for (int p = 0; p < k; p++) {
        panel[at] = b[row0 + p];
        panel[at + 1] = b[row1 + p];
        panel[at + 2] = b[row2 + p];
        panel[at + 3] = b[row3 + p];
        at += WIDTH;
      }
    }
    for (; j < width; j++) {
      for (int p = 0; p < k; p++) {
        panel[offset + p * WIDTH + j] = b[bOffset + j * ldb + p];
      }
    }
  }

  /** One panel of B against all rows of A. */
  private static void column(
      boolean transposeA,
      int m,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] c,
      int cOffset,
      int ldc) {
    int step = transposeA ? 1 : lda;
    int i = 0;
    while (i < m) {
      int height = height(m - i);
      int aAt = aOffset + i * step;
      int cAt = cOffset + i * ldc;
      if (transposeA) {
        columns(height, k, a, aAt, lda, b, bOffset, ldb, c, cAt, ldc);
      } else {
        rows(height, k, a, aAt, lda, b, bOffset, ldb, c, cAt, ldc);
      }
      i += height;
    }
  }

  private static int height(int rows) {
    if (rows >= HEIGHT) {
      return HEIGHT;
    }
    return Math.min(8, Integer.highestOneBit(rows));
  }

  private static void rows(
      int height,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt,
      int ldc) {
    switch (height) {
      case 12 -> VectorTiles.rows12(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 8 -> VectorTiles.rows8(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 4 -> VectorTiles.rows4(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 2 -> VectorTiles.rows2(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      default -> VectorTiles.rows1(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
    }
  }

  private static void columns(
      int height,
      int k,
      float[] a,
      int aAt,
      int lda,
      float[] b,
      int bAt,
      int ldb,
      float[] c,
      int cAt,
      int ldc) {
    switch (height) {
      case 12 -> VectorTiles.columns12(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 8 -> VectorTiles.columns8(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 4 -> VectorTiles.columns4(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      case 2 -> VectorTiles.columns2(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
      default -> VectorTiles.columns1(k, a, aAt, lda, b, bAt, ldb, c, cAt, ldc);
    }
  }
}
