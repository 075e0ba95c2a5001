package dev.kindling.ps.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What these shards have made and their standby does not have yet: nobody may see it, so that the
 * standby knows whatever anybody has seen. Thread-safe; hands over outside of its lock.
 */
final class Unacknowledged {
  private static final long NONE = -1;

  private final long[] versions;
  private final Map<Long, double[]> sums = new HashMap<>();

  /** Null while there is none. */
  private volatile Standby standby;

  Unacknowledged(int buckets) {
    versions = new long[buckets];
    Arrays.fill(versions, NONE);
  }

  /** From now on everything goes there first. */
  void begin(Standby to) {
    standby = to;
  }

  /** Whether a bucket's new version has to wait; it was handed over then. */
  boolean holds(Bucket made, int bucket, long version) {
    Standby to = standby;
    if (to == null) {
      return false;
    }
    synchronized (this) {
      if (standby == null) {
        return false;
      }
      versions[bucket] = version;
    }
    to.applied(bucket, version - 1, made.keptSum(), made.keptWeight());
    return true;
  }

  /** Whether a reduction's result has to wait; it was handed over then. */
  boolean holds(long key, double[] result) {
    Standby to = standby;
    if (to == null) {
      return false;
    }
    synchronized (this) {
      if (standby == null) {
        return false;
      }
      sums.put(key, result);
    }
    to.reduced(key, result);
    return true;
  }

  /** The standby has a bucket's version; false if that is known. */
  synchronized boolean take(int bucket, long version) {
    boolean isNew = versions[bucket] == version;
    if (isNew) {
      versions[bucket] = NONE;
    }
    return isNew;
  }

  /** The standby has a reduction's result, which is given back; null if that is known. */
  synchronized double[] take(long key) {
    return sums.remove(key);
  }

  /** There is no standby any more; gives back the buckets that have waited for it. */
  synchronized List<Integer> end() {
    standby = null;
    List<Integer> waiting = new ArrayList<>();
    for (int bucket = 0; bucket < versions.length; bucket++) {
      if (versions[bucket] != NONE) {
        waiting.add(bucket);
      }
    }
    return waiting;
  }

  /** The version that a bucket waits with. */
  synchronized long waiting(int bucket) {
    return versions[bucket];
  }

  /** The reductions that wait. */
  synchronized List<Long> reductions() {
    return List.copyOf(sums.keySet());
  }
}
