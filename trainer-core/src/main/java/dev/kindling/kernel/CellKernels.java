package dev.kindling.kernel;

/**
 * What the cells of recurrent networks compute between their matrix products, as plain loops. Gates
 * stand one after the other, {@code size} elements each: element j of gate k at {@code at + k *
 * size + j}. Thread-safe: no state.
 */
public class CellKernels {
  /** Elements of a line that are transposed before the next rows: their lines stay cached. */
  private static final int STRETCH = 16;

  CellKernels() {}

  /** {@code next = f c + i g} of the first n elements of gates i, f, g, o, already squashed. */
  public void lstm(
      float[] gates, int at, int size, int n, float[] c, int cAt, float[] next, int nextAt) {
    lstm(0, gates, at, size, n, c, cAt, next, nextAt);
  }

  static void lstm(
      int from,
      float[] gates,
      int at,
      int size,
      int n,
      float[] c,
      int cAt,
      float[] next,
      int nextAt) {
    for (int j = from; j < n; j++) {
      float added = gates[at + j] * gates[at + 2 * size + j];
      next[nextAt + j] = Math.fma(gates[at + size + j], c[cAt + j], added);
    }
  }

  /**
   * The gradients of an LSTM's gates before they were squashed, from {@code dh}, that of {@code h'
   * = o tanh(c')}, and {@code dc}, that of c', which becomes that of c:
   *
   * <pre>
   * d = dc + dh o (1 - tanh(c')^2)
   * di = d g i (1 - i)    df = d c f (1 - f)    dg = d i (1 - g^2)    do = dh tanh(c') o (1 - o)
   * dc = d f
   * </pre>
   */
  public void lstmGradient(
      float[] gates,
      int at,
      int size,
      float[] c,
      int cAt,
      float[] squashed,
      int squashedAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] dGates,
      int dAt) {
    lstmGradient(0, gates, at, size, c, cAt, squashed, squashedAt, dh, dhAt, dc, dcAt, dGates, dAt);
  }

  static void lstmGradient(
      int from,
      float[] gates,
      int at,
      int size,
      float[] c,
      int cAt,
      float[] squashed,
      int squashedAt,
      float[] dh,
      int dhAt,
      float[] dc,
      int dcAt,
      float[] dGates,
      int dAt) {
    for (int j = from; j < size; j++) {
      float i = gates[at + j];
      float f = gates[at + size + j];
      float g = gates[at + 2 * size + j];
      float o = gates[at + 3 * size + j];
      float s = squashed[squashedAt + j];
      float h = dh[dhAt + j];
      float d = Math.fma(h * o, 1 - s * s, dc[dcAt + j]);
      dGates[dAt + j] = d * g * (i * (1 - i));
      dGates[dAt + size + j] = d * c[cAt + j] * (f * (1 - f));
      dGates[dAt + 2 * size + j] = d * i * (1 - g * g);
      dGates[dAt + 3 * size + j] = h * s * (o * (1 - o));
      dc[dcAt + j] = d * f;
    }
  }

  /**
   * The gradients of a gated recurrent unit's blocks r, z, n and {@code u = W_hn h + b_hn} from
   * {@code dh}, that of {@code h' = n + z (h - n)} with {@code n = tanh(a + r u)}; dh becomes what
   * of it flows to h at once:
   *
   * <pre>
   * da = dh (1 - z) (1 - n^2)
   * dr = da u r (1 - r)    dz = dh (h - n) z (1 - z)    dn = da    du = da r
   * dh = dh z
   * </pre>
   */
  public void gruGradient(
      float[] gates,
      int at,
      int size,
      float[] h,
      int hAt,
      float[] dh,
      int dhAt,
      float[] dGates,
      int dAt) {
    gruGradient(0, gates, at, size, h, hAt, dh, dhAt, dGates, dAt);
  }

  static void gruGradient(
      int from,
      float[] gates,
      int at,
      int size,
      float[] h,
      int hAt,
      float[] dh,
      int dhAt,
      float[] dGates,
      int dAt) {
    for (int j = from; j < size; j++) {
      float r = gates[at + j];
      float z = gates[at + size + j];
      float n = gates[at + 2 * size + j];
      float u = gates[at + 3 * size + j];
      float d = dh[dhAt + j];
      float da = d * (1 - z) * (1 - n * n);
      dGates[dAt + j] = da * u * (r * (1 - r));
      dGates[dAt + size + j] = d * (h[hAt + j] - n) * (z * (1 - z));
      dGates[dAt + 2 * size + j] = da;
      dGates[dAt + 3 * size + j] = da * r;
      dh[dhAt + j] = d * z;
    }
  }

  /** {@code to[c, r] = from[r, c]}, rows {@code ld} and {@code ldTo} elements apart. */
  public final void transpose(
      int rows, int columns, float[] from, int at, int ld, float[] to, int toAt, int ldTo) {
    for (int c = 0; c < columns; c += STRETCH) {
      int end = Math.min(columns, c + STRETCH);
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        fourRows(c, end, from, at + r * ld, ld, to, toAt + r, ldTo);
      }
      for (; r < rows; r++) {
        for (int i = c; i < end; i++) {
          to[toAt + i * ldTo + r] = from[at + r * ld + i];
        }
      }
    }
  }

  /** Four neighbours of a line are written together. */
  private static void fourRows(
      int start, int end, float[] from, int row0, int ld, float[] to, int toAt, int ldTo) {
    int row1 = row0 + ld;
    int row2 = row1 + ld;
    int row3 = row2 + ld;
    for (int c = start; c < end; c++) {
      int into = toAt + c * ldTo;
      to[into] = from[row0 + c];
      to[into + 1] = from[row1 + c];
      to[into + 2] = from[row2 + c];
      to[into + 3] = from[row3 + c];
    }
  }

  /** {@code y = a b}. */
  public void product(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  /** {@code y = n + z (h - n)}. */
  public void interpolate(
      float[] n, int nAt, float[] z, int zAt, float[] h, int hAt, float[] y, int yAt, int size) {
    interpolate(0, n, nAt, z, zAt, h, hAt, y, yAt, size);
  }

  static void interpolate(
      int from,
      float[] n,
      int nAt,
      float[] z,
      int zAt,
      float[] h,
      int hAt,
      float[] y,
      int yAt,
      int size) {
    for (int i = from; i < size; i++) {
      y[yAt + i] = Math.fma(z[zAt + i], h[hAt + i] - n[nAt + i], n[nAt + i]);
    }
  }
}
