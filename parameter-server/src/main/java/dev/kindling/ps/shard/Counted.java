package dev.kindling.ps.shard;

import java.util.Arrays;

/**
 * Which gradients of one bucket were applied: for each replica the steps before {@code next}. Not
 * thread-safe; the bucket's lock guards it.
 */
final class Counted {
  private final long[] next;
  private long gradients;

  /** Every replica's steps before the version were applied. */
  Counted(int replicas, long version) {
    next = new long[replicas];
    Arrays.fill(next, version);
    gradients = version * replicas;
  }

  /** Whether the step is the next one of each replica in [lo, hi). */
  boolean isNext(int lo, int hi, long step) {
    boolean all = contains(lo, hi);
    for (int replica = lo; replica < hi && all; replica++) {
      all = next[replica] == step;
    }
    return all;
  }

  /** Whether the step of each replica in [lo, hi) was applied. */
  boolean isBehind(int lo, int hi, long step) {
    boolean all = contains(lo, hi);
    for (int replica = lo; replica < hi && all; replica++) {
      all = next[replica] > step;
    }
    return all;
  }

  private boolean contains(int lo, int hi) {
    return lo >= 0 && lo < hi && hi <= next.length;
  }

  /** Whether all steps before the version were applied, and nothing of it or after. */
  boolean isExactly(long version) {
    return gradients == version * next.length && version() == version;
  }

  /** The next step of the replicas [lo, hi) was applied. */
  void count(int lo, int hi) {
    for (int replica = lo; replica < hi; replica++) {
      next[replica]++;
    }
    gradients += hi - lo;
  }

  /** How many gradients were applied, one for each replica and step. */
  long gradients() {
    return gradients;
  }

  /** Whether some replica in [lo, hi) has not brought the step yet. */
  boolean isAwaited(int lo, int hi, long step) {
    boolean any = false;
    for (int replica = lo; replica < hi && !any; replica++) {
      any = next[replica] <= step;
    }
    return any;
  }

  /** How many steps every replica has brought. */
  long version() {
    long least = next[0];
    for (long each : next) {
      least = Math.min(least, each);
    }
    return least;
  }

  /**
   * The step of the schedule: how many times as many gradients have come as there are replicas. The
   * sums of an epoch's metrics begin again at a step that is a multiple of the epoch's, so only the
   * first gradient of an epoch has that.
   */
  long step(long stepsPerEpoch) {
    long step = gradients / next.length;
    boolean isFirst = gradients % (next.length * stepsPerEpoch) == 0;
    return step % stepsPerEpoch == 0 && !isFirst ? step + 1 : step;
  }
}
