package dev.kindling.ps.shard;

import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.WireException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How an empty standby comes to have what its primary has: the values of one version and the
 * optimizer's state, vector by vector of each bucket, in any order. Thread-safe.
 */
final class Installation {
  private static final long UNKNOWN = -1;

  private final ShardStorage storage;
  private final Versions versions;
  private final Map<Integer, BitSet> missing = new HashMap<>();
  private long version = UNKNOWN;
  private volatile boolean isComplete;

  /** Nothing is there of these buckets. */
  Installation(ShardStorage storage, List<Integer> buckets, Versions versions) {
    this.storage = storage;
    this.versions = versions;
    for (int bucket : buckets) {
      BitSet vectors = new BitSet();
      vectors.set(0, 1 + storage.state().length);
      missing.put(bucket, vectors);
    }
  }

  /** Whether these shards have all, and a version. */
  boolean isComplete() {
    return isComplete;
  }

  /** Copies what is missing; returns whether the bucket is whole. */
  synchronized boolean take(HandOver part) {
    BitSet vectors = missing.get(part.bucket());
    boolean isOne = part.vector() >= 0 && part.vector() <= storage.state().length;
    if (vectors == null || !isOne || part.version() < 0) {
      throw new WireException(
          "vector %d of bucket %d at version %d has no place here"
              .formatted(part.vector(), part.bucket(), part.version()));
    }
    if (vectors.get(part.vector())) {
      copy(part);
      vectors.clear(part.vector());
      complete();
    }
    return vectors.isEmpty();
  }

  private void copy(HandOver part) {
    if (version != UNKNOWN && version != part.version()) {
      throw new WireException(
          "bucket %d of version %d among those of version %d"
              .formatted(part.bucket(), part.version(), version));
    }
    version = part.version();
    float[] into =
        part.vector() == 0 ? storage.values(version) : storage.state()[part.vector() - 1];
    Floats floats = part.floats();
    int at = storage.offset(part.bucket());
    System.arraycopy(floats.array(), floats.offset(), into, at, floats.length());
    if (part.vector() == 0) {
      storage.publish(version, part.bucket());
    }
  }

  private void complete() {
    if (missing.values().stream().allMatch(BitSet::isEmpty)) {
      versions.restore(version);
      isComplete = true;
    }
  }
}
