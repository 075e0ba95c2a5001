package dev.kindling.ps.shard;

import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.train.Buckets;
import java.util.Optional;
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

  /**
   * How far the process that holds them is.
   *
   * @param address where it listens, if it does
   * @param version that all of its buckets have
   */
  public ShardProgress progress(Optional<Address> address, Buckets buckets, long version) {
    long elements = stream(buckets.count()).mapToLong(buckets::length).sum();
    return new ShardProgress(address, of(buckets.count()), elements, version);
  }
}
