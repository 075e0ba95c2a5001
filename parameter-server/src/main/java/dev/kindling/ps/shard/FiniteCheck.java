package dev.kindling.ps.shard;

import dev.kindling.kernel.Kernels;

/**
 * Whether all elements are finite, in little more than half the time of an addition: the halves are
 * added until few are left, and NaN and infinity survive every addition. Only if something is left
 * of them, which finite elements can bring about as well, is each element looked at.
 */
final class FiniteCheck {
  private static final Kernels KERNELS = Kernels.best();
  private static final int FEW = 64;

  private FiniteCheck() {}

  /**
   * Looks at {@code length} elements from {@code at}.
   *
   * @param scratch another array, of at least half the length
   */
  static boolean isFinite(float[] x, int at, int length, float[] scratch) {
    float[] from = x;
    int fromAt = at;
    int left = length;
    while (left > FEW) {
      int half = (left + 1) / 2;
      // The halves share the middle element when their number is odd.
      KERNELS.add(from, fromAt, from, fromAt + left - half, scratch, 0, half);
      from = scratch;
      fromAt = 0;
      left = half;
    }
    float sum = 0;
    for (int i = 0; i < left; i++) {
      sum += from[fromAt + i];
    }
    return Float.isFinite(sum) || each(x, at, length);
  }

  private static boolean each(float[] x, int at, int length) {
    for (int i = at; i < at + length; i++) {
      if (!Float.isFinite(x[i])) {
        return false;
      }
    }
    return true;
  }
}
