package dev.kindling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies columns of a row-major matrix into panels as wide as a tile. A row of a panel is two
 * vectors: a call of {@link System#arraycopy} for each would cost ten times as much as moving them.
 */
final class PanelCopy {
  private static final VectorSpecies<Float> SPECIES = VectorTiles.SPECIES;
  private static final int LANES = VectorTiles.LANES;
  private static final int WIDTH = VectorTiles.WIDTH;
  private static final int ROWS = 24;

  private final WarmUp warmUp;

  PanelCopy(WarmUp.Policy policy) {
    warmUp =
        policy.of(
            "panelCopy",
            () -> {
              float[] from = new float[ROWS * WIDTH];
              float[] to = new float[ROWS * WIDTH];
              return () -> vectors(ROWS, 1, from, 0, WIDTH, to, 0);
            });
  }

  /** {@code to[p, r, j] = from[r, p * WIDTH + j]} for whole panels p, one after the other. */
  void run(int rows, int panels, float[] from, int at, int stride, float[] to, int toAt) {
    if (warmUp.isOver(rows * panels * WIDTH)) {
      vectors(rows, panels, from, at, stride, to, toAt);
    } else {
      for (int p = 0; p < panels; p++) {
        narrow(WIDTH, rows, from, at + p * WIDTH, stride, to, toAt + p * rows * WIDTH);
      }
    }
  }

  /** Fewer columns than a panel has; the others stay as they are. */
  static void narrow(int width, int rows, float[] from, int at, int stride, float[] to, int toAt) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, at + r * stride, to, toAt + r * WIDTH, width);
    }
  }

  /** All panels of a row before the next row: their elements stand side by side. */
  private static void vectors(
      int rows, int panels, float[] from, int at, int stride, float[] to, int toAt) {
    int apart = rows * WIDTH;
    for (int r = 0; r < rows; r++) {
      int source = at + r * stride;
      int target = toAt + r * WIDTH;
      for (int p = 0; p < panels; p++) {
        FloatVector a = FloatVector.fromArray(SPECIES, from, source);
        FloatVector b = FloatVector.fromArray(SPECIES, from, source + LANES);
        a.intoArray(to, target);
        b.intoArray(to, target + LANES);
        source += WIDTH;
        target += apart;
      }
    }
  }
}
