package dev.kindling.kernel;

/** Pooling of two by two in plain loops, from channel {@code first} on. */
final class PoolLoops {
  private PoolLoops() {}

  static void maxOfFour(
      int first,
      float[] x,
      int top,
      int below,
      int n,
      float[] y,
      int yAt,
      float[] chosen,
      int chosenAt) {
    for (int c = first; c < n; c++) {
      float most = x[top + c];
      float which = 0;
      if (x[top + n + c] > most) {
        most = x[top + n + c];
        which = 1;
      }
      if (x[below + c] > most) {
        most = x[below + c];
        which = 2;
      }
      if (x[below + n + c] > most) {
        most = x[below + n + c];
        which = 3;
      }
      y[yAt + c] = most;
      chosen[chosenAt + c] = which;
    }
  }

  static void gradientOfFour(
      int first,
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
    for (int c = first; c < n; c++) {
      float which = chosen[chosenAt + c];
      float passed = y[yAt + c] > above ? g[gAt + c] : 0;
      dx[top + c] = which == 0 ? passed : 0;
      dx[top + n + c] = which == 1 ? passed : 0;
      dx[below + c] = which == 2 ? passed : 0;
      dx[below + n + c] = which == 3 ? passed : 0;
    }
  }
}
