package dev.kindling.ps;

import java.io.Serializable;

/**
 * Who speaks to the shards: one Spark task that trains.
 *
 * @param name for messages, e.g. {@code worker 2 on host-7}
 * @param lo first logical replica it computes
 * @param hi one past its last
 * @param incarnation counts the starts of all workers together, from 1; a higher one ends those
 *     before
 */
public record Worker(String name, int lo, int hi, int incarnation) implements Serializable {
  /** Checks the ranges. */
  public Worker {
    if (lo < 0 || hi <= lo) {
      throw new IllegalArgumentException(
          "%s: replicas [%d, %d) are no range".formatted(name, lo, hi));
    }
    if (incarnation < 1) {
      throw new IllegalArgumentException(
          "%s: incarnation is %d; it counts from 1".formatted(name, incarnation));
    }
  }

  @Override
  public String toString() {
    return "%s (replicas [%d, %d), start %d)".formatted(name, lo, hi, incarnation);
  }
}
