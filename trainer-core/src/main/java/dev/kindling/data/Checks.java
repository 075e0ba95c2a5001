package dev.kindling.data;

/** Checks of sizes and ranges. */
public final class Checks {
  private Checks() {}

  /** Refuses what is below one. */
  public static void positive(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be at least 1");
    }
  }

  /** Refuses what is outside [0, 1], NaN among it. */
  public static void fraction(String what, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be from 0 to 1");
    }
  }
}
