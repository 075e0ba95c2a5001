package dev.kindling.kernel;

/**
 * The packing buffers of one matrix product, taken when first needed and kept from call to call.
 * Not thread-safe.
 */
public final class GemmWorkspace {
  /** As wide as the widest register tile. */
  private static final int WIDTH = 32;

  /** What a product that does not accumulate begins with. */
  final float[] zeros = new float[WIDTH];

  /** What becomes of the rows of C when their sums are complete; null for nothing. */
  Ending ending;

  private float[] panels = {};
  private float[] column = {};
  private float[] rows = {};
  private float[] transposed = {};

  private final Ending own = new Ending();

  /** {@code c[i, j] = c[i, j] + bias[at + j]}, then {@code max(c, 0)} where asked. */
  static final class Ending {
    float[] bias;
    int at;
    boolean isRectified;

    /** Columns {@code column + from} to {@code column + to} of a row that starts at {@code cAt}. */
    void finish(float[] c, int cAt, int column, int from, int to) {
      for (int j = from; j < to; j++) {
        float sum = c[cAt + j] + bias[at + column + j];
        c[cAt + j] = isRectified ? Math.max(sum, 0) : sum;
      }
    }
  }

  /** Room for products of [m, k] x [k, n]. */
  public GemmWorkspace(int m, int n, int k) {
    // Which buffers such a product needs is known to the kernels alone.
  }

  /** The products from here on add a bias to every row. */
  void startEnding(float[] bias, int at, boolean isRectified) {
    own.bias = bias;
    own.at = at;
    own.isRectified = isRectified;
    ending = own;
  }

  /** The products from here on are plain again. */
  void stopEnding() {
    ending = null;
  }

  /** Panels of B, each as wide as a tile. */
  float[] panels(int count, int depth) {
    return panels = atLeast(panels, count * depth * WIDTH);
  }

  /** The last columns of C. */
  float[] column(int rows) {
    return column = atLeast(column, rows * WIDTH);
  }

  /** The rows of A, in the order in which tiles read them. */
  float[] rows(int elements) {
    return rows = atLeast(rows, elements);
  }

  /** Room for all of B or of C. */
  float[] transposed(int elements) {
    return transposed = atLeast(transposed, elements);
  }

  private static float[] atLeast(float[] buffer, int length) {
    return buffer.length < length ? new float[length] : buffer;
  }
}
