package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import scala.Tuple2;

/**
 * The global shuffle: all rows in the order of {@link RowOrder}, which depends neither on file
 * splits nor on the number of cores.
 *
 * <p>Hashes are spread evenly, so their highest bits cut the order into parts without sampling; a
 * part is sorted when it is read. The rows stay in the shuffle files of the executors' disks; what
 * a lost executor held is made again from the source.
 */
public final class RankedRows {
  private final RowFormat format;
  private final RowOrder order;
  private final JavaPairRDD<Integer, RowBlock> parts;
  private final long[] starts;

  private RankedRows(
      RowFormat format, RowOrder order, JavaPairRDD<Integer, RowBlock> parts, long[] starts) {
    this.format = format;
    this.order = order;
    this.parts = parts;
    this.starts = starts;
  }

  /** A count of rows that is on its way; both data sets are ranked at the same time. */
  public static final class Pending {
    private final String what;
    private final RankedRows uncounted;
    private final Optional<BadRowCount> bad;
    private final JavaFutureAction<List<Long>> bytes;

    private Pending(String what, RankedRows uncounted, Optional<BadRowCount> bad) {
      this.what = what;
      this.bad = bad;
      this.uncounted = uncounted;
      this.bytes =
          uncounted.parts.mapPartitions(blocks -> List.of(bytes(blocks)).iterator()).collectAsync();
    }

    /** The rows are not wanted any more. */
    public void cancel() {
      bytes.cancel(true);
    }

    /**
     * Waits for the count.
     *
     * @throws DataException when there is no row, or more bad ones than may be skipped
     */
    public RankedRows await() throws ExecutionException, InterruptedException {
      List<Long> counted = bytes.get();
      bad.ifPresent(count -> count.check(what));
      long[] starts = new long[counted.size() + 1];
      for (int i = 0; i < counted.size(); i++) {
        starts[i + 1] = starts[i] + counted.get(i) / uncounted.format.length();
      }
      if (starts[counted.size()] == 0) {
        throw new DataException("the " + what + " have no row; check the path and the filter");
      }
      return new RankedRows(uncounted.format, uncounted.order, uncounted.parts, starts);
    }
  }

  /**
   * Starts to rank rows: one job, which reads the source once.
   *
   * @param what for messages, e.g. {@code training data}
   */
  public static Pending start(String what, RowSource source, RowOrder order) {
    int count = Math.max(1, source.blocks().getNumPartitions());
    int rowLength = source.format().length();
    PairFlatMapFunction<Iterator<byte[]>, Integer, RowBlock> deal =
        blocks ->
            new Dealer(
                new RowBlock.Rows(rowLength, blocks),
                rowLength,
                0,
                count,
                (rank, row) -> SortedPart.part(order.hash(row), count));
    JavaPairRDD<Integer, RowBlock> parts =
        source.blocks().mapPartitionsToPair(deal).partitionBy(new Numbered(count));
    return new Pending(
        what, new RankedRows(source.format(), order, parts, new long[0]), source.bad());
  }

  private static long bytes(Iterator<Tuple2<Integer, RowBlock>> blocks) {
    long bytes = 0;
    while (blocks.hasNext()) {
      bytes += blocks.next()._2().bytes();
    }
    return bytes;
  }

  /** What every row is made of. */
  public RowFormat format() {
    return format;
  }

  /** Number of rows. */
  public long count() {
    return starts[starts.length - 1];
  }

  /** The rows dealt to the replicas, each replica's at the workers that compute it. */
  public JavaPairRDD<Integer, RowBlock> at(WorkerShares shares) {
    SharePartitioner places = new SharePartitioner(shares);
    return dealt(shares.tree().replicas())
        .flatMapToPair(
            block ->
                shares
                    .holders(block._1())
                    .mapToObj(worker -> new Tuple2<>(places.key(worker, block._1()), block._2()))
                    .iterator())
        .partitionBy(places)
        .mapToPair(block -> new Tuple2<>(places.replica(block._1()), block._2()));
  }

  private JavaPairRDD<Integer, RowBlock> dealt(int replicas) {
    long[] from = starts;
    RowFormat rowFormat = format;
    RowOrder rowOrder = order;
    return parts
        .mapPartitionsWithIndex(
            (part, blocks) ->
                new Dealer(
                    new SortedPart(rowFormat, rowOrder, part, from.length - 1)
                        .rows(blocks, from[part + 1] - from[part]),
                    rowFormat.length(),
                    from[part],
                    replicas,
                    (rank, row) -> RowOrder.replica(rank, replicas)),
            true)
        .mapPartitionsToPair(
            (PairFlatMapFunction<Iterator<Tuple2<Integer, RowBlock>>, Integer, RowBlock>) i -> i);
  }

  /** The key is the partition. */
  private static final class Numbered extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int parts;

    Numbered(int parts) {
      this.parts = parts;
    }

    @Override
    public int numPartitions() {
      return parts;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }
  }
}
