package dev.kindling.ps.shard;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The version that every bucket has, the run's step: opens for the workers when the last bucket
 * arrives at it. Buckets may be several versions apart. Thread-safe, without a lock.
 */
final class VersionGate {
  private final int buckets;
  private final AtomicIntegerArray reached;
  private volatile long version;

  /**
   * All buckets have the version.
   *
   * @param ahead how many versions a bucket may be ahead of another
   */
  VersionGate(int buckets, long version, int ahead) {
    this.buckets = buckets;
    this.version = version;
    reached = new AtomicIntegerArray(ahead);
  }

  /** The version that every bucket has. */
  long version() {
    return version;
  }

  /** All buckets have another version; to be called while none makes one. */
  void restore(long other) {
    version = other;
  }

  /** One more bucket has a version; returns whether it was the last. */
  boolean arrive(long next) {
    int slot = (int) (next % reached.length());
    return reached.incrementAndGet(slot) == buckets;
  }

  /** Opens for the next version; called once by the thread that arrived last. */
  void open() {
    reached.set((int) ((version + 1) % reached.length()), 0);
    version = version + 1;
  }
}
