package dev.kindling.data.digits;

import dev.kindling.kernel.Philox;

/** The random numbers of one drawing, without transcendental functions. Not thread-safe. */
final class Draws {
  /** Deviation of the sum of four bytes. */
  private static final float FOUR_BYTES = 147.8f;

  private final Philox philox;

  Draws(Philox philox) {
    this.philox = philox;
  }

  /** A whole number in [0, bound). */
  int below(int bound) {
    return philox.nextInt(bound);
  }

  /** Uniform in [low, high). */
  float between(float low, float high) {
    return low + (high - low) * philox.nextFloat();
  }

  /** In (-width, width), likelier near 0: the density is a triangle. */
  float around(float width) {
    return width * (philox.nextFloat() + philox.nextFloat() - 1);
  }

  /** Nearly normal with mean 0 and deviation 1, never beyond 3.5: the sum of four bytes. */
  float normal() {
    int word = philox.nextInt();
    int sum = (word & 0xff) + (word >>> 8 & 0xff) + (word >>> 16 & 0xff) + (word >>> 24);
    return (sum - 510) / FOUR_BYTES;
  }
}
