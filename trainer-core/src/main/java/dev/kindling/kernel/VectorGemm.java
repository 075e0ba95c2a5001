package dev.kindling.kernel;

import java.util.Arrays;

/**
 * The matrix product in register tiles. B is read in panels as wide as a tile: where it stands
 * row-major and only few rows of A meet it, in place, else packed first. Rows that no tile of full
 * height fits are taken by lower ones.
 */
final class VectorGemm {
  /** Elements of k worked off before C is stored and loaded again: a panel stays in L1. */
  private static final int DEPTH = 256;

  /** From so many columns on, packing the rows of A costs less than it brings. */
  private static final int WIDE = 256;

  private static final int WIDTH = VectorTiles.WIDTH;
  private static final int HEIGHT = VectorTiles.LANES >= 16 ? 12 : 4;

  /**
   * So few rows are computed together with the ones before them, again: the lowest tiles, called
   * once a panel, would run uncompiled for the first thousand steps, hundreds of microseconds each.
   */
  private static final int FEW = 4;

  private static final int FREQUENT = 8;

  private final GemmTile[] rowTiles;
  private final GemmTile[] columnTiles;

  VectorGemm(WarmUp.Policy policy) {
    rowTiles = GemmTile.rows(policy);
    columnTiles = GemmTile.columns(policy);
  }

  /** C = (accumulate ? C : 0) + op(A) op(B). */
  void run(
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
    if (k == 0) {
      clear(m, n, c, cOffset, ldc, accumulate);
    } else if (transposeB && !accumulate && m < n && m >= WIDTH) {
      // C^T = op(B)^T op(A)^T: the operand to be packed is the smaller one.
      float[] product = workspace.transposed(n * m);
      blocks(
          false,
          !transposeA,
          n,
          m,
          k,
          b,
          bOffset,
          ldb,
          a,
          aOffset,
          lda,
          product,
          0,
          m,
          false,
          workspace);
      GemmPacking.transpose(n, m, product, 0, m, c, cOffset, ldc);
    } else {
      blocks(
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
  }

  private static void clear(int m, int n, float[] c, int cOffset, int ldc, boolean accumulate) {
    for (int i = 0; i < m && !accumulate; i++) {
      Arrays.fill(c, cOffset + i * ldc, cOffset + i * ldc + n, 0);
    }
  }

  private void blocks(
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
    int blocks = (k + DEPTH - 1) / DEPTH;
    int whole = (k + blocks - 1) / blocks;
    boolean isPacked = !transposeA && n >= WIDE && m >= HEIGHT;
    float[] rows = isPacked ? workspace.rows(m * whole) : a;
    for (int p = 0; p < k; p += whole) {
      int depth = Math.min(whole, k - p);
      int aAt = aOffset + (transposeA ? p * lda : p);
      if (isPacked) {
        packRows(m, depth, a, aAt, lda, rows);
      }
      Order order = isPacked ? Order.PACKED : transposeA ? Order.COLUMNS : Order.ROWS;
      int bAt = bOffset + (transposeB ? p : p * ldb);
      block(
          order,
          transposeB,
          m,
          n,
          depth,
          rows,
          isPacked ? 0 : aAt,
          lda,
          b,
          bAt,
          ldb,
          c,
          cOffset,
          ldc,
          accumulate || p > 0,
          workspace);
    }
  }

  /** How A stands in memory. */
  private enum Order {
    ROWS,
    COLUMNS,
    PACKED
  }

  /** Tile after tile, each as {@code [depth, height]}. */
  private static void packRows(int m, int depth, float[] a, int aAt, int lda, float[] rows) {
    int i = 0;
    while (i < m) {
      int height = height(m - i);
      GemmPacking.transpose(height, depth, a, aAt + i * lda, lda, rows, i * depth, height);
      i += height;
    }
  }

  /** All of C with a part of k. */
  private void block(
      Order order,
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
    float[] packed = workspace.panel(k);
    for (int j = 0; j < n; j += WIDTH) {
      int width = Math.min(WIDTH, n - j);
      int bAt = bOffset + (transposeB ? j * ldb : j);
      boolean isPacked = transposeB || width < WIDTH || m >= 4 * HEIGHT;
      if (isPacked) {
        GemmPacking.panel(transposeB, k, width, b, bAt, ldb, packed);
      }
      float[] panel = isPacked ? packed : b;
      int panelAt = isPacked ? 0 : bAt;
      int stride = isPacked ? WIDTH : ldb;
      if (width == WIDTH) {
        int cAt = cOffset + j;
        float[] from = accumulate ? c : workspace.zeros;
        column(
            order,
            m,
            k,
            a,
            aOffset,
            lda,
            panel,
            panelAt,
            stride,
            from,
            accumulate ? cAt : 0,
            accumulate ? ldc : 0,
            c,
            cAt,
            ldc);
      } else {
        narrow(
            order,
            m,
            width,
            k,
            a,
            aOffset,
            lda,
            packed,
            c,
            cOffset + j,
            ldc,
            accumulate,
            workspace);
      }
    }
  }

  /** The last columns, fewer than a tile has: by way of a buffer as wide as a tile. */
  private void narrow(
      Order order,
      int m,
      int width,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] panel,
      float[] c,
      int cOffset,
      int ldc,
      boolean accumulate,
      GemmWorkspace workspace) {
    float[] wide = workspace.column(m);
    for (int i = 0; i < m && accumulate; i++) {
      System.arraycopy(c, cOffset + i * ldc, wide, i * WIDTH, width);
    }
    float[] from = accumulate ? wide : workspace.zeros;
    int ldFrom = accumulate ? WIDTH : 0;
    column(order, m, k, a, aOffset, lda, panel, 0, WIDTH, from, 0, ldFrom, wide, 0, WIDTH);
    for (int i = 0; i < m; i++) {
      System.arraycopy(wide, i * WIDTH, c, cOffset + i * ldc, width);
    }
  }

  /** One panel of B against all rows of A. */
  private void column(
      Order order,
      int m,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc) {
    int i = 0;
    while (i < m) {
      int height = height(m - i);
      boolean canRepeat = ldFrom == 0 && order != Order.PACKED;
      if (canRepeat && m - i < FEW && m >= FREQUENT && HEIGHT >= FREQUENT) {
        height = FREQUENT;
        i = m - height;
      }
      int fromAt = fromOffset + i * ldFrom;
      int cAt = cOffset + i * ldc;
      GemmTile tile = order == Order.ROWS ? rowTiles[height] : columnTiles[height];
      int aAt =
          switch (order) {
            case ROWS -> aOffset + i * lda;
            case COLUMNS -> aOffset + i;
            case PACKED -> i * k;
          };
      int stride = order == Order.PACKED ? height : lda;
      tile.run(k, a, aAt, stride, b, bOffset, ldb, from, fromAt, ldFrom, c, cAt, ldc);
      i += height;
    }
  }

  private static int height(int rows) {
    if (rows >= HEIGHT) {
      return HEIGHT;
    }
    return Math.min(8, Integer.highestOneBit(rows));
  }
}
