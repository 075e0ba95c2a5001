package dev.kindling.ps.transport;

import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.wire.Outbox;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What a worker without which versions are made has yet to be sent of each bucket. Its connection
 * may be slower than the others' steps: what it takes later is what the shards still hold then, the
 * newest version and the one before. So it has the step that it lacks, or learns that it was
 * overtaken. {@link #due} and {@link #sent} may be called by any thread, the rest by the
 * connection's.
 */
final class UnsentVersions {
  private final ShardGroup shards;
  private final AtomicLongArray due;
  private final AtomicLongArray sent;

  /** Nothing is due. */
  UnsentVersions(ShardGroup shards) {
    this.shards = shards;
    due = new AtomicLongArray(shards.run().parts());
    sent = new AtomicLongArray(shards.run().parts());
  }

  /** A bucket has a version that the worker has to be sent. */
  void due(int bucket, long version) {
    due.accumulateAndGet(bucket, version, Math::max);
  }

  /** The worker was sent a version of a bucket. */
  void sent(int bucket, long version) {
    sent.accumulateAndGet(bucket, version, Math::max);
  }

  /** Sends what is due of a bucket, the older version first, if the connection takes more. */
  void send(int bucket, Outbox outbox) {
    long newest = due.get(bucket);
    if (sent.get(bucket) < newest && outbox.isWritable()) {
      long oldest = Math.max(sent.get(bucket) + 1, newest - shards.storage().versions() + 1);
      for (long version = oldest; version <= newest; version++) {
        if (shards.holds(bucket, version)) {
          outbox.send(ShardSession.values(shards, bucket, version));
        }
      }
      sent(bucket, newest);
    }
  }

  /** Sends what is due of every bucket, for as long as the connection takes more. */
  void sendAll(Outbox outbox) {
    for (int bucket = 0; bucket < due.length() && outbox.isWritable(); bucket++) {
      send(bucket, outbox);
    }
  }
}
