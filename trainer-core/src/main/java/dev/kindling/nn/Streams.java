package dev.kindling.nn;

import dev.kindling.kernel.Philox;

/** Which random stream serves which purpose, so that no two draw the same numbers. */
final class Streams {
  static final int INITIALIZATION = 1;

  private Streams() {}

  static Philox initialization(long seed, int parameter) {
    return new Philox(seed, INITIALIZATION, parameter);
  }
}
