package dev.kindling.spark.data;

import dev.kindling.data.RowOrder;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import scala.Tuple2;

/**
 * The global shuffle: rows in the order of the hash of their content, dealt to the replicas. It
 * depends neither on file splits nor on the number of cores.
 *
 * <p>Hashes are spread evenly, so their highest bits cut the order into parts without sampling.
 */
public final class RankedRows {
  private final JavaRDD<Hashed> sorted;
  private final long[] starts;

  private RankedRows(JavaRDD<Hashed> sorted, long[] starts) {
    this.sorted = sorted;
    this.starts = starts;
  }

  /** One row with its hash, in the order of {@link RowOrder}. */
  public static final class Hashed implements Serializable {
    private static final long serialVersionUID = 1L;

    static final Comparator<Hashed> ORDER =
        (Comparator<Hashed> & Serializable)
            (a, b) -> RowOrder.compare(a.hash, a.row, b.hash, b.row);

    private final long hash;
    private final byte[] row;

    Hashed(long hash, byte[] row) {
      this.hash = hash;
      this.row = row;
    }
  }

  /** A row and its place in a replica's slice. */
  public static final class Placed implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int place;
    private final byte[] row;

    Placed(int place, byte[] row) {
      this.place = place;
      this.row = row;
    }

    int place() {
      return place;
    }

    byte[] row() {
      return row;
    }
  }

  /** Sorts, and counts the rows: one job. */
  static RankedRows of(JavaRDD<byte[]> rows, RowOrder order) {
    int parts = rows.getNumPartitions();
    JavaRDD<Hashed> sorted =
        rows.mapToPair(row -> new Tuple2<>(new Hashed(order.hash(row), row), (Void) null))
            .repartitionAndSortWithinPartitions(new ByHash(parts), Hashed.ORDER)
            .keys();
    List<Long> counts = sorted.mapPartitions(part -> List.of(count(part)).iterator()).collect();
    long[] starts = new long[parts + 1];
    for (int i = 0; i < parts; i++) {
      starts[i + 1] = starts[i] + counts.get(i);
    }
    return new RankedRows(sorted, starts);
  }

  private static long count(Iterator<?> part) {
    long count = 0;
    while (part.hasNext()) {
      part.next();
      count++;
    }
    return count;
  }

  long count() {
    return starts[starts.length - 1];
  }

  /** Every row with the replica that holds it. */
  JavaPairRDD<Integer, Placed> dealt(int replicas) {
    long[] from = starts;
    return sorted
        .mapPartitionsWithIndex((part, rows) -> deal(rows, from[part], replicas), true)
        .mapPartitionsToPair(
            (PairFlatMapFunction<Iterator<Tuple2<Integer, Placed>>, Integer, Placed>) i -> i);
  }

  private static Iterator<Tuple2<Integer, Placed>> deal(
      Iterator<Hashed> rows, long start, int replicas) {
    return new Iterator<>() {
      private long rank = start;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Tuple2<Integer, Placed> next() {
        Placed placed = new Placed(RowOrder.place(rank, replicas), rows.next().row);
        return new Tuple2<>(RowOrder.replica(rank++, replicas), placed);
      }
    };
  }

  private static final class ByHash extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int parts;

    ByHash(int parts) {
      this.parts = parts;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object key) {
      long unsigned = (((Hashed) key).hash ^ Long.MIN_VALUE) >>> 32;
      return (int) (unsigned * parts >>> 32);
    }
  }
}
