package dev.kindling.ps.shard;

import java.util.stream.IntStream;

/**
 * The buckets that one process holds: every {@code count}-th from {@code index} on.
 *
 * @param index of the process
 * @param count processes that hold shards
 */
public record ShardShare(int index, int count) {
  /** Everything in one process. */
  public static final ShardShare ALL = new ShardShare(0, 1);

  /** Whether a bucket is held here. */
  public boolean owns(int bucket) {
    return bucket % count == index;
  }

  /** Those of so many buckets that are held here, in ascending order. */
  public IntStream stream(int buckets) {
    return IntStream.iterate(index, bucket -> bucket < buckets, bucket -> bucket + count);
  }

  /** How many of so many buckets are held here. */
  public int of(int buckets) {
    return (buckets - index + count - 1) / count;
  }
}
