package dev.kindling.ps.shard;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Complete buckets that any idle worker may apply. Thread-safe, without a lock. */
final class ReadyBuckets {
  private final AtomicIntegerArray ready;
  private final AtomicInteger count = new AtomicInteger();

  ReadyBuckets(int buckets) {
    ready = new AtomicIntegerArray(buckets);
  }

  void add(int bucket) {
    if (ready.compareAndSet(bucket, 0, 1)) {
      count.incrementAndGet();
    }
  }

  /** Takes a ready bucket, the first layer's where there is a choice; -1 when there is none. */
  int take() {
    if (count.get() > 0) {
      for (int bucket = 0; bucket < ready.length(); bucket++) {
        if (ready.get(bucket) == 1 && ready.compareAndSet(bucket, 1, 0)) {
          count.decrementAndGet();
          return bucket;
        }
      }
    }
    return -1;
  }
}
