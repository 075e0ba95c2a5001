package dev.kindling.ps.server;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Amounts by size. Thread-safe, without a lock or an allocation. */
final class Histogram {
  private static final double[] SECONDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };
  private static final double[] COUNTS = {0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128};

  private final String name;
  private final String help;
  private final double[] bounds;
  private final double unit;
  private final AtomicLongArray counts;
  private final LongAdder total = new LongAdder();

  private Histogram(String name, String help, double[] bounds, double unit) {
    this.name = name;
    this.help = help;
    this.bounds = bounds;
    this.unit = unit;
    counts = new AtomicLongArray(bounds.length + 1);
  }

  /** Of nanoseconds, from a tenth of a millisecond to ten seconds. */
  static Histogram ofTimes(String name, String help) {
    return new Histogram(name, help, SECONDS, 1e-9);
  }

  /** Of small whole numbers. */
  static Histogram ofCounts(String name, String help) {
    return new Histogram(name, help, COUNTS, 1);
  }

  /** Counts an amount. */
  void add(long amount) {
    total.add(amount);
    counts.incrementAndGet(bucket(amount * unit));
  }

  private int bucket(double amount) {
    int bucket = 0;
    while (bucket < bounds.length && amount > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** Writes the counts, each with those of the smaller bounds in it. */
  void write(PrometheusText out) {
    out.type(name, "histogram", help);
    long sum = 0;
    for (int i = 0; i <= bounds.length; i++) {
      sum += counts.get(i);
      String bound = i < bounds.length ? PrometheusText.number(bounds[i]) : "+Inf";
      out.line("%s_bucket{le=\"%s\"}".formatted(name, bound), sum);
    }
    out.line(name + "_sum", total.sum() * unit);
    out.line(name + "_count", sum);
  }
}
