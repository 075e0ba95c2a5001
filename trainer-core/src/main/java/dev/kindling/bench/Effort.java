package dev.kindling.bench;

import java.time.Duration;

/**
 * How long to measure.
 *
 * @param warmUpSeconds of running before the first measurement, so that all is compiled
 * @param laps measured stretches; the median counts
 * @param lapSeconds of one stretch, about
 */
public record Effort(double warmUpSeconds, int laps, double lapSeconds) {
  private static final double LAP = 0.02;

  /** Checks the counts. */
  public Effort {
    if (!(warmUpSeconds >= 0 && lapSeconds >= 0) || laps < 1) {
      throw new IllegalArgumentException(
          "bench: %s s of warm-up and %d laps of %s s; at least one lap, and no time below 0"
              .formatted(warmUpSeconds, laps, lapSeconds));
    }
  }

  /** A third of the time to warm up, the rest in short laps: few of them meet a disturbance. */
  public static Effort ofSeconds(double seconds) {
    return new Effort(seconds / 3, (int) Math.max(5, seconds * 2 / 3 / LAP), LAP);
  }

  /** How long to wait for the compilation of each loop before anything is measured. */
  Duration patience() {
    return Duration.ofMillis((long) (1000 * warmUpSeconds));
  }
}
