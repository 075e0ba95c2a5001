package dev.kindling.kernel;

/** The packing buffers of one matrix product, kept from call to call. Not thread-safe. */
public final class GemmWorkspace {
  /** Room for products of [m, k] x [k, n]. */
  public GemmWorkspace(int m, int n, int k) {}
}
