package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Rows of a data set as one slice for each logical replica, kept by the executors: in memory, on
 * their disks what does not fit. A lost slice is made again from the rows.
 *
 * @param slices every replica's slice, by replica
 * @param rows number of rows of all slices
 */
public record SliceShuffle(JavaPairRDD<Integer, Slice> slices, long rows) {

  /**
   * Ranks the rows by their content and deals them to the replicas.
   *
   * @param what for messages, e.g. {@code training data}
   */
  public static SliceShuffle of(String what, RowSource source, RowOrder order, int replicas) {
    RankedRows ranked = RankedRows.of(source.rows(), order);
    if (ranked.count() == 0) {
      throw new DataException("the " + what + " have no row; check the path and the filter");
    }
    RowFormat format = source.format();
    JavaPairRDD<Integer, Slice> slices =
        ranked
            .dealt(replicas)
            .partitionBy(new HashPartitioner(replicas))
            .mapPartitionsToPair(rows -> build(format, rows), true);
    return new SliceShuffle(slices.persist(StorageLevel.MEMORY_AND_DISK()), ranked.count());
  }

  /** With as many partitions as replicas, a partition holds one replica's rows, or none. */
  private static Iterator<Tuple2<Integer, Slice>> build(
      RowFormat format, Iterator<Tuple2<Integer, RankedRows.Placed>> rows) {
    List<RankedRows.Placed> placed = new ArrayList<>();
    int replica = -1;
    while (rows.hasNext()) {
      Tuple2<Integer, RankedRows.Placed> next = rows.next();
      replica = next._1();
      placed.add(next._2());
    }
    if (placed.isEmpty()) {
      return List.<Tuple2<Integer, Slice>>of().iterator();
    }
    placed.sort(Comparator.comparingInt(RankedRows.Placed::place));
    SliceBuilder builder = new SliceBuilder(format);
    placed.forEach(row -> builder.append(row.row()));
    return List.of(new Tuple2<>(replica, builder.build())).iterator();
  }

  /** Forgets the slices that the executors keep. */
  public void release() {
    slices.unpersist(false);
  }
}
