package dev.kindling.optim;

/**
 * Keeps moving means out of the subnormal numbers.
 *
 * <p>A mean that no gradient feeds any more (a unit that its ReLU has switched off) shrinks by its
 * factor each step, until rounding holds it for ever at a few of the smallest subnormal numbers;
 * processors take a hundred times longer over those. Adam was six times slower on a network with
 * many such units.
 */
final class Underflow {
  private static final float TINY = 0x1p-80f;

  private Underflow() {}

  /**
   * {@code x}, rounded to a multiple of 2^-103: unchanged from 2^-56 on, and far enough from
   * subnormal to be multiplied by a learning rate. Two additions, so that a loop around it still
   * becomes vectors.
   */
  static float avoid(float x) {
    return (x + TINY) - TINY;
  }
}
