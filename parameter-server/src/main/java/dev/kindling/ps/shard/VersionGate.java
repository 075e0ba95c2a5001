package dev.kindling.ps.shard;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The version that every bucket has, the run's step: opens for the workers when the last bucket
 * arrives at it. Thread-safe, without a lock.
 */
final class VersionGate {
  private final int buckets;
  private final AtomicInteger reached = new AtomicInteger();
  private volatile long version;

  VersionGate(int buckets, long version) {
    this.buckets = buckets;
    this.version = version;
  }

  /** The version that every bucket has. */
  long version() {
    return version;
  }

  /** One more bucket has the next version; returns whether it was the last. */
  boolean arrive() {
    return reached.incrementAndGet() == buckets;
  }

  /** Opens for the next version; called once by the thread that arrived last. */
  void open() {
    reached.set(0);
    version = version + 1;
  }
}
