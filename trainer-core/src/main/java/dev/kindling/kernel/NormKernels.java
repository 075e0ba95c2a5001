package dev.kindling.kernel;

/**
 * What normalisation layers compute, and their gradients, as plain loops. Sums over a row use 16
 * lanes, as {@link Kernels#sum} does: lane i takes elements i, i + 16, ...; lanes are added pair by
 * pair. {@code lanes} is room for two times 16. Thread-safe: no state.
 */
public class NormKernels {
  /** Elements of the room that a row's sums need. */
  public static final int ROOM = 2 * Kernels.SUM_LANES;

  private static final int LANES = Kernels.SUM_LANES;

  NormKernels() {}

  /** The sum of n elements. */
  public final float sum(float[] x, int at, int n, float[] lanes) {
    int whole = n - n % LANES;
    sums(x, at, whole, lanes);
    for (int i = whole; i < n; i++) {
      lanes[i - whole] += x[at + i];
    }
    return tree(lanes, 0);
  }

  /** The sum of {@code (x - mean)^2}. */
  public final float squares(float[] x, int at, int n, float mean, float[] lanes) {
    int whole = n - n % LANES;
    squareSums(x, at, whole, mean, lanes);
    for (int i = whole; i < n; i++) {
      float centred = x[at + i] - mean;
      lanes[i - whole] = Math.fma(centred, centred, lanes[i - whole]);
    }
    return tree(lanes, 0);
  }

  /** The sum of {@code (a - meanOfA) (b - meanOfB)}, products rounded before they are added. */
  public final float dot(
      float[] a, int aAt, float meanOfA, float[] b, int bAt, float meanOfB, int n, float[] lanes) {
    int whole = n - n % LANES;
    dots(a, aAt, meanOfA, b, bAt, meanOfB, whole, lanes);
    for (int i = whole; i < n; i++) {
      lanes[i - whole] += (a[aAt + i] - meanOfA) * (b[bAt + i] - meanOfB);
    }
    return tree(lanes, 0);
  }

  /** {@code y = (x - mean - z slope) scale}. */
  public final void centre(
      float[] x,
      int xAt,
      float mean,
      float[] z,
      int zAt,
      float slope,
      float scale,
      float[] y,
      int yAt,
      int n) {
    int done = centres(x, xAt, mean, z, zAt, slope, scale, y, yAt, n);
    for (int i = done; i < n; i++) {
      y[yAt + i] = (x[xAt + i] - mean - z[zAt + i] * slope) * scale;
    }
  }

  /** {@code y = (x - mean) scale w + b}. */
  public final void affine(
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int n) {
    int done = affines(x, xAt, mean, scale, w, wAt, b, bAt, y, yAt, n);
    for (int i = done; i < n; i++) {
      y[yAt + i] = Math.fma((x[xAt + i] - mean) * scale, w[wAt + i], b[bAt + i]);
    }
  }

  /**
   * The gradient of a row, with {@code z = (x - mean) scale}:
   *
   * <pre>
   * dx = (g w - mean(g w) - z mean(g w z)) scale
   * dw = dw + g z
   * db = db + g
   * </pre>
   */
  public final void gradient(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      int dwAt,
      int dbAt,
      int n,
      float[] lanes) {
    int whole = n - n % LANES;
    products(g, gAt, x, xAt, mean, scale, w, wAt, whole, lanes);
    for (int i = whole; i < n; i++) {
      float weighted = g[gAt + i] * w[wAt + i];
      float z = (x[xAt + i] - mean) * scale;
      lanes[i - whole] += weighted;
      lanes[LANES + i - whole] = Math.fma(weighted, z, lanes[LANES + i - whole]);
    }
    float first = tree(lanes, 0) / n;
    float second = tree(lanes, LANES) / n;
    int done =
        gradients(g, gAt, x, xAt, mean, scale, w, wAt, dx, dxAt, dw, dwAt, dbAt, n, first, second);
    for (int i = done; i < n; i++) {
      float z = (x[xAt + i] - mean) * scale;
      dw[dwAt + i] = Math.fma(g[gAt + i], z, dw[dwAt + i]);
      dw[dbAt + i] += g[gAt + i];
      dx[dxAt + i] = (g[gAt + i] * w[wAt + i] - first - z * second) * scale;
    }
  }

  /** The lanes of the sum of a whole number of times 16 elements. */
  void sums(float[] x, int at, int whole, float[] lanes) {
    for (int lane = 0; lane < LANES; lane++) {
      float sum = 0;
      for (int i = lane; i < whole; i += LANES) {
        sum += x[at + i];
      }
      lanes[lane] = sum;
    }
  }

  void squareSums(float[] x, int at, int whole, float mean, float[] lanes) {
    for (int lane = 0; lane < LANES; lane++) {
      float sum = 0;
      for (int i = lane; i < whole; i += LANES) {
        float centred = x[at + i] - mean;
        sum = Math.fma(centred, centred, sum);
      }
      lanes[lane] = sum;
    }
  }

  void dots(
      float[] a,
      int aAt,
      float meanOfA,
      float[] b,
      int bAt,
      float meanOfB,
      int whole,
      float[] lanes) {
    for (int lane = 0; lane < LANES; lane++) {
      float sum = 0;
      for (int i = lane; i < whole; i += LANES) {
        sum += (a[aAt + i] - meanOfA) * (b[bAt + i] - meanOfB);
      }
      lanes[lane] = sum;
    }
  }

  /** The lanes of the sums of {@code g w} and of {@code g w z}. */
  void products(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      int whole,
      float[] lanes) {
    for (int lane = 0; lane < LANES; lane++) {
      float first = 0;
      float second = 0;
      for (int i = lane; i < whole; i += LANES) {
        float weighted = g[gAt + i] * w[wAt + i];
        first += weighted;
        second = Math.fma(weighted, (x[xAt + i] - mean) * scale, second);
      }
      lanes[lane] = first;
      lanes[LANES + lane] = second;
    }
  }

  /** How many elements from the first were done: plain loops leave all to the caller's. */
  int affines(
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int n) {
    return 0;
  }

  /** As {@link #affines}. */
  int centres(
      float[] x,
      int xAt,
      float mean,
      float[] z,
      int zAt,
      float slope,
      float scale,
      float[] y,
      int yAt,
      int n) {
    return 0;
  }

  /** As {@link #affines}. */
  int gradients(
      float[] g,
      int gAt,
      float[] x,
      int xAt,
      float mean,
      float scale,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      int dwAt,
      int dbAt,
      int n,
      float first,
      float second) {
    return 0;
  }

  private static float tree(float[] s, int at) {
    return (((s[at] + s[at + 8]) + (s[at + 4] + s[at + 12]))
            + ((s[at + 2] + s[at + 10]) + (s[at + 6] + s[at + 14])))
        + (((s[at + 1] + s[at + 9]) + (s[at + 5] + s[at + 13]))
            + ((s[at + 3] + s[at + 11]) + (s[at + 7] + s[at + 15])));
  }
}
