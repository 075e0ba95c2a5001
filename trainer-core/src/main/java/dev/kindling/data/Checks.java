package dev.kindling.data;

/** Checks of sizes and ranges. */
final class Checks {
  private Checks() {}

  static void positive(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be at least 1");
    }
  }

  static void fraction(String what, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be from 0 to 1");
    }
  }
}
