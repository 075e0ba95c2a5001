package dev.kindling.ps.shard;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

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

  private long first;

  Unacknowledged(int buckets) {
    versions = new long[buckets];
    Arrays.fill(versions, NONE);
  }

  /**
   * From a version on everything goes there first: that version whole, since there is nothing yet,
   * those after it as what made them.
   *
   * @param next the first version that nobody has, asked for once nothing is made unnoticed
   */
  synchronized void begin(Standby to, LongSupplier next) {
    standby = to;
    first = next.getAsLong();
  }

  /** Whether a bucket's new version has to wait; it was handed over then. */
  boolean holds(Bucket made, int bucket, long version) {
    if (standby == null) {
      return false;
    }
    Standby to;
    boolean isFirst;
    synchronized (this) {
      to = standby;
      if (to == null || version < first) {
        return false;
      }
      isFirst = version == first;
      versions[bucket] = version;
    }
    if (isFirst) {
      to.copied(bucket, version);
    } else {
      to.applied(bucket, version - 1, made.keptSum(), made.keptWeight());
    }
    return true;
  }

  /** Whether a reduction's result has to wait; it was handed over then. */
  boolean holds(long key, double[] result) {
    if (standby == null) {
      return false;
    }
    Standby to;
    synchronized (this) {
      to = standby;
      if (to == null) {
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

  /** There is no standby any more; gives back what has waited for it: a version of each bucket. */
  synchronized Map<Integer, Long> end() {
    standby = null;
    Map<Integer, Long> waiting = new TreeMap<>();
    for (int bucket = 0; bucket < versions.length; bucket++) {
      if (versions[bucket] != NONE) {
        waiting.put(bucket, versions[bucket]);
      }
    }
    return waiting;
  }

  /** The reductions that wait. */
  synchronized List<Long> reductions() {
    return List.copyOf(sums.keySet());
  }
}
