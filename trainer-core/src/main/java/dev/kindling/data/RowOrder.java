package dev.kindling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
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

  /** All rows of a data set, encoded, by rank; each is read once. */
  public List<byte[]> ranked(Dataset data) {
    return rank(data.size(), data::row).map(ranked -> ranked.row).toList();
  }

  /** The indices of rows by rank. */
  int[] indicesByRank(int size, IntFunction<byte[]> row) {
    return rank(size, row).mapToInt(ranked -> ranked.index).toArray();
  }

  private Stream<Ranked> rank(int size, IntFunction<byte[]> row) {
    List<Ranked> rows =
        new ArrayList<>(
            IntStream.range(0, size).parallel().mapToObj(i -> ranked(i, row.apply(i))).toList());
    rows.sort((a, b) -> compare(a.hash, a.row, b.hash, b.row));
    return rows.stream();
  }

  private static final class Ranked {
    private final int index;
    private final long hash;
    private final byte[] row;

    Ranked(int index, long hash, byte[] row) {
      this.index = index;
      this.hash = hash;
      this.row = row;
    }
  }

  private Ranked ranked(int index, byte[] row) {
    return new Ranked(index, hash(row), row);
  }

  /** Deals a data set to the slices of R replicas, in this process. */
  public List<Slice> slices(Dataset data, int replicas) {
    Checks.positive("replicas", replicas);
    List<SliceBuilder> builders =
        Stream.generate(() -> new SliceBuilder(data.format())).limit(replicas).toList();
    long rank = 0;
    for (byte[] row : ranked(data)) {
      builders.get(replica(rank++, replicas)).append(row);
    }
    return builders.stream().map(SliceBuilder::build).toList();
  }
}
