package dev.kindling.kernel;

import java.util.Arrays;

/** Copies the operands of a product into the order in which the register tiles read them. */
final class GemmPacking {
  private static final int WIDTH = VectorTiles.WIDTH;

  private GemmPacking() {}

  /** {@code panel[p, j] = op(B)[p, j]} for fewer columns than a panel has; zeros in the others. */
  static void narrow(
      boolean transposed, int k, int width, float[] b, int bOffset, int ldb, float[] panel) {
    Arrays.fill(panel, 0, k * WIDTH, 0);
    if (transposed) {
      Transposition.run(width, k, b, bOffset, ldb, panel, 0, WIDTH);
    } else {
      PanelCopy.narrow(width, k, b, bOffset, ldb, panel, 0);
    }
  }
}
