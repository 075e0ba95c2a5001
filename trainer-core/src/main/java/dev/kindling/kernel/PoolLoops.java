package dev.kindling.kernel;

/** Pooling of two by two in plain loops, from channel {@code first} of each window on. */
final class PoolLoops {
  private PoolLoops() {}

  static void maxOfFour(
      int first,
      int windows,
      int n,
      float[] x,
      int top,
      int below,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt) {
    for (int w = 0; w < windows; w++) {
      int above = top + 2 * w * n;
      int under = below + 2 * w * n;
      for (int c = first; c < n; c++) {
        float most = x[above + c];
        float which = 0;
        if (x[above + n + c] > most) {
          most = x[above + n + c];
          which = 1;
        }
        if (x[under + c] > most) {
          most = x[under + c];
          which = 2;
        }
        if (x[under + n + c] > most) {
          most = x[under + n + c];
          which = 3;
        }
        y[yAt + w * n + c] = most;
        chosen[chosenAt + w * n + c] = which;
      }
    }
  }

  static void gradientOfFour(
      int first,
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
    for (int w = 0; w < windows; w++) {
      int upper = top + 2 * w * n;
      int under = below + 2 * w * n;
      for (int c = first; c < n; c++) {
        int i = w * n + c;
        float which = chosen[chosenAt + i];
        float passed = y[yAt + i] > above ? g[gAt + i] : 0;
        dx[upper + c] = which == 0 ? passed : 0;
        dx[upper + n + c] = which == 1 ? passed : 0;
        dx[under + c] = which == 2 ? passed : 0;
        dx[under + n + c] = which == 3 ? passed : 0;
      }
    }
  }
}
