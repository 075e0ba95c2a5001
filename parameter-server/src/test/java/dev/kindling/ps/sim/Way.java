package dev.kindling.ps.sim;

import java.util.Arrays;

/** One direction of a connection: when its last message arrives. */
final class Way {
  private long last;

  static Way[] array(int count) {
    Way[] ways = new Way[count];
    Arrays.setAll(ways, i -> new Way());
    return ways;
  }

  /** When a message arrives that could be there at a time, but overtakes none before it. */
  long inOrder(long time) {
    last = Math.max(last, time);
    return last;
  }
}
