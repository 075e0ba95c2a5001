package dev.kindling.ps.bench;

import java.util.Arrays;
import java.util.Locale;

/** One figure and its reference. */
interface Benchmark {
  /** After {@code name=}. */
  String name();

  /** Measures both. */
  Result run() throws Exception;

  /**
   * A line of the output.
   *
   * @param name which figure
   * @param unit of both
   * @param value what was reached
   * @param reference what it is compared with
   * @param ratio value by reference, or what the goal is about
   */
  record Result(String name, String unit, double value, double reference, double ratio) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "BENCH name=%s value=%.4g reference=%.4g ratio=%.3f unit=%s",
          name,
          value,
          reference,
          ratio,
          unit);
    }
  }

  /** A measurement. */
  @FunctionalInterface
  interface Measured {
    /** Runs once. */
    double measure() throws Exception;
  }

  /** Measures both in turn and takes medians, after a round that warms up. */
  static Result compare(String name, String unit, int rounds, Measured value, Measured reference)
      throws Exception {
    double[] values = new double[rounds];
    double[] references = new double[rounds];
    value.measure();
    reference.measure();
    for (int i = 0; i < rounds; i++) {
      values[i] = value.measure();
      references[i] = reference.measure();
    }
    double v = median(values);
    double r = median(references);
    return new Result(name, unit, v, r, v / r);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
