package dev.kindling.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The global shuffle: rows are ranked by a hash of all their encoded bytes, ties by the bytes
 * themselves, and rank i goes to logical replica {@code i mod R} at place {@code i / R}. So the
 * order depends on the rows and the seed alone, not on files, partitions or cores, and slices
 * differ by one row at most. Immutable.
 *
 * @param seed of the hash; another seed gives another order
 */
public record RowOrder(long seed) implements Serializable {

  /** xxHash64 of an encoded row. */
  public long hash(byte[] row) {
    return XxHash64.hash(row, 0, row.length, seed);
  }

  /** The order of two rows: by their hashes as signed numbers, then by their unsigned bytes. */
  public static int compare(long hashA, byte[] rowA, long hashB, byte[] rowB) {
    int byHash = Long.compare(hashA, hashB);
    return byHash != 0 ? byHash : Arrays.compareUnsigned(rowA, rowB);
  }

  /** The replica that holds a rank. */
  public static int replica(long rank, int replicas) {
    return (int) (rank % replicas);
  }

  /** The place of a rank in its replica's slice. */
  public static int place(long rank, int replicas) {
    return Math.toIntExact(rank / replicas);
  }

  /** All rows of a data set, encoded, by rank. */
  public Stream<byte[]> ranked(Dataset data) {
    return Arrays.stream(ranks(data)).mapToObj(data::row);
  }

  /** Deals a data set to the slices of R replicas, in this process. */
  public List<Slice> slices(Dataset data, int replicas) {
    Checks.positive("replicas", replicas);
    List<SliceBuilder> builders =
        Stream.generate(() -> new SliceBuilder(data.format())).limit(replicas).toList();
    int[] byRank = ranks(data);
    for (int rank = 0; rank < byRank.length; rank++) {
      builders.get(replica(rank, replicas)).append(data.row(byRank[rank]));
    }
    return builders.stream().map(SliceBuilder::build).toList();
  }

  /** The rows' indices by rank. */
  int[] ranks(Dataset data) {
    long[] hashes =
        IntStream.range(0, data.size()).parallel().mapToLong(i -> hash(data.row(i))).toArray();
    return IntStream.range(0, hashes.length)
        .boxed()
        .sorted(
            (a, b) ->
                hashes[a] != hashes[b]
                    ? Long.compare(hashes[a], hashes[b])
                    : Arrays.compareUnsigned(data.row(a), data.row(b)))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
