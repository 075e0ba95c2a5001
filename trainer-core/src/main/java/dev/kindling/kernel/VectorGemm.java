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

  /**
   * Elements of the panels that are packed together: rows of A meet them one after the other, so
   * that a row of C is written in longer stretches. So many stay in L1.
   */
  private static final int GROUP = 1 << 12;

  /** Where every row of C begins a page of its own, longer stretches bring more than L1 does. */
  private static final int LONG_GROUP = 1 << 14;

  private static final int PAGE = 1024;

  private final GemmTile[] rowTiles;
  private final GemmTile[] columnTiles;
  private final PanelCopy copy;
  private final WarmUp finishing;

  VectorGemm(WarmUp.Policy policy, PanelCopy copy) {
    this.copy = copy;
    finishing = policy.of("bias", VectorGemm::finishingSample);
    rowTiles = GemmTile.rows(policy);
    columnTiles = GemmTile.columns(policy);
  }

  private static Runnable finishingSample() {
    float[] x = new float[24 * VectorTiles.LANES];
    return () -> {
      VectorRows.add(x, 0, x, 0, x, 0, x.length);
      VectorRows.addRectified(x, 0, x, 0, x.length);
    };
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
      if (workspace.ending != null) {
        finish(workspace.ending, m, n, 0, c, cOffset, ldc);
      }
    } else if (transposeB && !accumulate && m < n && m >= WIDTH) {
      // C^T = op(B)^T op(A)^T: the operand to be packed is the smaller one.
      float[] product = workspace.transposed(n * m);
      GemmWorkspace.Ending ending = workspace.ending;
      workspace.ending = null;
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
      Transposition.run(n, m, product, 0, m, c, cOffset, ldc);
      workspace.ending = ending;
      if (ending != null) {
        finish(ending, m, n, 0, c, cOffset, ldc);
      }
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
          p + depth == k ? workspace.ending : null,
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
      Transposition.run(height, depth, a, aAt + i * lda, lda, rows, i * depth, height);
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
      GemmWorkspace.Ending ending,
      GemmWorkspace workspace) {
    int whole = n / WIDTH;
    boolean isPacked = transposeB || m >= 4 * HEIGHT;
    int group = n < PAGE ? GROUP : LONG_GROUP;
    int most = isPacked ? Math.max(1, group / (k * WIDTH)) : whole;
    float[] packed = workspace.panels(isPacked ? Math.min(most, whole) : 0, k);
    float[] from = accumulate ? c : workspace.zeros;
    for (int j = 0; j < whole; j += most) {
      int panels = Math.min(most, whole - j);
      int bAt = bOffset + j * WIDTH * (transposeB ? ldb : 1);
      if (isPacked) {
        pack(transposeB, panels, k, b, bAt, ldb, packed);
      }
      int cAt = cOffset + j * WIDTH;
      columns(
          order,
          m,
          panels,
          k,
          a,
          aOffset,
          lda,
          isPacked ? packed : b,
          isPacked ? 0 : bAt,
          isPacked ? WIDTH : ldb,
          isPacked ? k * WIDTH : WIDTH,
          from,
          accumulate ? cAt : 0,
          accumulate ? ldc : 0,
          c,
          cAt,
          ldc,
          ending,
          j * WIDTH);
    }
    int j = whole * WIDTH;
    if (j < n) {
      int bAt = bOffset + j * (transposeB ? ldb : 1);
      float[] panel = workspace.panels(1, k);
      GemmPacking.narrow(transposeB, k, n - j, b, bAt, ldb, panel);
      int cAt = cOffset + j;
      narrow(order, m, n - j, k, a, aOffset, lda, panel, c, cAt, ldc, accumulate, workspace);
      if (ending != null) {
        finish(ending, m, n - j, j, c, cAt, ldc);
      }
    }
  }

  /** Bias and ReLU of rows that are complete, from a column of the whole on. */
  private void finish(
      GemmWorkspace.Ending by, int rows, int n, int column, float[] c, int cAt, int ldc) {
    int whole = finishing.isOver(rows * n) ? n - n % VectorTiles.LANES : 0;
    int biasAt = by.at + column;
    for (int i = 0; i < rows; i++) {
      int at = cAt + i * ldc;
      if (by.isRectified) {
        VectorRows.addRectified(c, at, by.bias, biasAt, whole);
      } else {
        VectorRows.add(c, at, by.bias, biasAt, c, at, whole);
      }
      by.finish(c, at, column, whole, n);
    }
  }

  private void pack(
      boolean transposed, int panels, int k, float[] b, int bAt, int ldb, float[] packed) {
    if (!transposed) {
      copy.run(k, panels, b, bAt, ldb, packed, 0);
      return;
    }
    for (int p = 0; p < panels; p++) {
      Transposition.run(WIDTH, k, b, bAt + p * WIDTH * ldb, ldb, packed, p * k * WIDTH, WIDTH);
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
    columns(
        order, m, 1, k, a, aOffset, lda, panel, 0, WIDTH, 0, from, 0, ldFrom, wide, 0, WIDTH, null,
        0);
    for (int i = 0; i < m; i++) {
      System.arraycopy(wide, i * WIDTH, c, cOffset + i * ldc, width);
    }
  }

  /**
   * Panels of B against all rows of A.
   *
   * @param apart elements from one panel of B to the next
   */
  private void columns(
      Order order,
      int m,
      int panels,
      int k,
      float[] a,
      int aOffset,
      int lda,
      float[] b,
      int bOffset,
      int ldb,
      int apart,
      float[] from,
      int fromOffset,
      int ldFrom,
      float[] c,
      int cOffset,
      int ldc,
      GemmWorkspace.Ending ending,
      int column) {
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
      for (int p = 0; p < panels; p++) {
        int next = p * WIDTH;
        int fromNext = ldFrom == 0 ? fromAt : fromAt + next;
        int bAt = bOffset + p * apart;
        tile.run(k, a, aAt, stride, b, bAt, ldb, from, fromNext, ldFrom, c, cAt + next, ldc);
      }
      if (ending != null) {
        finish(ending, height, panels * WIDTH, column, c, cAt, ldc);
      }
      i += height;
    }
  }

  private static int height(int rows) {
    if (rows >= HEIGHT) {
      return HEIGHT;
    }
    return rows >= 8 ? 8 : rows >= 4 ? 4 : 1;
  }
}
