package dev.kindling.ps.shard;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.train.Buckets;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The buckets that one process holds: every {@code count}-th from {@code index} on. In its arrays
 * they stand one after the other; where it holds all, that is the flat vector itself.
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
    return stream(buckets, 0);
  }

  /** The same from a bucket on. */
  public IntStream stream(int buckets, int from) {
    int first = from + Math.floorMod(index - from, count);
    return IntStream.iterate(first, bucket -> bucket < buckets, bucket -> bucket + count);
  }

  /** The tables of a run that are held here, which are numbered behind its buckets; ascending. */
  public IntStream tables(RunSpec run) {
    int buckets = run.buckets().count();
    return IntStream.range(0, run.tables().size()).filter(table -> owns(buckets + table));
  }

  /** How many of so many buckets are held here. */
  public int of(int buckets) {
    return (buckets - index + count - 1) / count;
  }

  /** Whether one process holds everything. */
  public boolean isAll() {
    return count == 1;
  }

  /** Elements of those that are held here: the length of the process's arrays. */
  public long elements(Buckets buckets) {
    int held = of(buckets.count());
    return held == 0 ? 0 : offset(held - 1, buckets) + buckets.length(last(held));
  }

  private int last(int held) {
    return index + (held - 1) * count;
  }

  private static long offset(int place, Buckets buckets) {
    return (long) place * buckets.size();
  }

  /** Where a bucket that is held here starts in the process's arrays. */
  public int offset(Buckets buckets, int bucket) {
    return Math.toIntExact(offset(bucket / count, buckets));
  }

  /** Puts the buckets of a process's array to where they belong in the flat vector. */
  public void copy(Buckets buckets, float[] held, float[] vector) {
    stream(buckets.count())
        .forEach(
            bucket ->
                System.arraycopy(
                    held,
                    offset(buckets, bucket),
                    vector,
                    Math.toIntExact(buckets.from(bucket)),
                    buckets.length(bucket)));
  }

  /**
   * How far the process that holds them is.
   *
   * @param address where it listens, if it does
   * @param version that all of its buckets have
   */
  public ShardProgress progress(Optional<Address> address, Buckets buckets, long version) {
    return new ShardProgress(address, of(buckets.count()), elements(buckets), version);
  }
}
