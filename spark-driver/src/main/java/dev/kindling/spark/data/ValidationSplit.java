package dev.kindling.spark.data;

import dev.kindling.data.RowOrder;
import dev.kindling.data.Split;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaRDD;

/**
 * {@link Split} on a cluster: of N rows those are held out whose hash is below that of rank {@code
 * rint(fraction * N)}. So the parts depend on the rows and the seed alone, not on partitions or
 * workers. Equal rows stay together, so that where rows repeat a few less may be held out.
 *
 * <p>For rows that are encoded already; a DataFrame, of which something is still to be learned, is
 * split by {@link FrameSplit}.
 */
public final class ValidationSplit {
  private ValidationSplit() {}

  /**
   * Splits rows; bad ones are counted with those to train on.
   *
   * @param fraction of the rows that is held out, from 0 to 1
   */
  public static Split<RowSource> of(RowSource source, double fraction, long seed)
      throws ExecutionException, InterruptedException {
    int rowLength = source.format().length();
    JavaRDD<byte[]> rows =
        source.blocks().mapPartitions(blocks -> new RowBlock.Rows(rowLength, blocks));
    RowOrder order = Split.order(seed);
    long border = HashBorder.of(rows.map(order::hash), fraction);
    return new Split<>(
        new RowSource(source.format(), rows.filter(row -> order.hash(row) >= border), source.bad()),
        new RowSource(
            source.format(), rows.filter(row -> order.hash(row) < border), Optional.empty()));
  }
}
