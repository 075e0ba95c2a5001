package dev.kindling.ps.server;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** Times by size, from a tenth of a millisecond to ten seconds. Thread-safe, without a lock. */
final class Histogram {
  private static final double[] BOUNDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final String name;
  private final String help;
  private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
  private final LongAdder nanos = new LongAdder();

  /** No times yet. */
  Histogram(String name, String help) {
    this.name = name;
    this.help = help;
  }

  /** Counts a time. */
  void add(long spentNanos) {
    nanos.add(spentNanos);
    counts.incrementAndGet(bucket(spentNanos * 1e-9));
  }

  private static int bucket(double seconds) {
    int bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** Writes the counts, each with those of the smaller bounds in it. */
  void write(PrometheusText out) {
    out.type(name, "histogram", help);
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += counts.get(i);
      String bound = i < BOUNDS.length ? PrometheusText.number(BOUNDS[i]) : "+Inf";
      out.line("%s_bucket{le=\"%s\"}".formatted(name, bound), sum);
    }
    out.line(name + "_sum", nanos.sum() * 1e-9);
    out.line(name + "_count", sum);
  }
}
