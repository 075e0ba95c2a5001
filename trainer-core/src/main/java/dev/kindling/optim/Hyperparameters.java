package dev.kindling.optim;

/** Checks of an optimizer's numbers. */
final class Hyperparameters {
  private Hyperparameters() {}

  static void notNegative(String optimizer, String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be a finite number, zero or more"
              .formatted(optimizer, name, value));
    }
  }

  static void fraction(String optimizer, String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be in [0, 1)".formatted(optimizer, name, value));
    }
  }
}
