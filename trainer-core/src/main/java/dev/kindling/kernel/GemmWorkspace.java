package dev.kindling.kernel;

/** The packing buffers of one matrix product, kept from call to call. Not thread-safe. */
public final class GemmWorkspace {
  /** As wide as the widest register tile. */
  private static final int WIDTH = 32;

  final float[] panel;
  final float[] column;
  private float[] transposed = {};

  /** Room for products of [m, k] x [k, n]. */
  public GemmWorkspace(int m, int n, int k) {
    panel = new float[Math.min(k, VectorGemm.DEPTH) * WIDTH];
    column = new float[n % WIDTH == 0 ? 0 : m * WIDTH];
  }

  /** Room for all of B, taken when the plain loops first need it. */
  float[] transposed(int k, int n) {
    if (transposed.length < k * n) {
      transposed = new float[k * n];
    }
    return transposed;
  }
}
