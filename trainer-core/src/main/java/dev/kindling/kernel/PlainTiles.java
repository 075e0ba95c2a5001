package dev.kindling.kernel;

/** The register tiles in plain loops, with their bits, for the time until those are compiled. */
final class PlainTiles {
  private static final int WIDTH = VectorTiles.WIDTH;

  private PlainTiles() {}

  /** {@code C[r, o] = from[r, o] + sum over p of A[r, p] B[p, o]}. */
  static void product(
      int height,
      int rowStep,
      int depthStep,
      int k,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      int ldb,
      float[] from,
      int fromAt,
      int ldFrom,
      float[] c,
      int cAt,
      int ldc) {
    for (int r = 0; r < height; r++) {
      int row = cAt + r * ldc;
      System.arraycopy(from, fromAt + r * ldFrom, c, row, WIDTH);
      for (int p = 0; p < k; p++) {
        add(a[aAt + r * rowStep + p * depthStep], b, bAt + p * ldb, c, row);
      }
    }
  }

  /** {@code y[i, o] = w[0, o] + sum over k, j of x[steps[k] + i + j] * w[1 + taps * k + j, o]}. */
  static void outputs(
      int places,
      int taps,
      int[] steps,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] y,
      int yAt,
      int ldy) {
    for (int i = 0; i < places; i++) {
      int row = yAt + i * ldy;
      System.arraycopy(w, wAt, y, row, WIDTH);
      int at = wAt + WIDTH;
      for (int step : steps) {
        for (int j = 0; j < taps; j++) {
          add(x[xAt + step + i + j], w, at, y, row);
          at += WIDTH;
        }
      }
    }
  }

  /**
   * {@code dw[taps * e + j, o] += sum over g, i of x[groups[g] + steps[k + e] + i + j] * dy[places
   * * g + i, o]}.
   */
  static void weights(
      int elements,
      int taps,
      int places,
      int[] groups,
      int[] steps,
      int k,
      float[] x,
      float[] dy,
      int dyAt,
      float[] dw,
      int dwAt) {
    for (int e = 0; e < elements * taps; e++) {
      int step = steps[k + e / taps] + e % taps;
      int at = dyAt;
      for (int group : groups) {
        for (int i = 0; i < places; i++) {
          add(x[group + step + i], dy, at, dw, dwAt + e * WIDTH);
          at += WIDTH;
        }
      }
    }
  }

  private static void add(float a, float[] b, int at, float[] c, int to) {
    for (int o = 0; o < WIDTH; o++) {
      c[to + o] = Math.fma(a, b[at + o], c[to + o]);
    }
  }
}
