package dev.kindling.spark.data;

import dev.kindling.data.RowOrder;
import dev.kindling.data.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * {@link Split} on a cluster: of N rows those are held out whose hash is below that of rank {@code
 * rint(fraction * N)}. So the parts depend on the rows and the seed alone, not on partitions or
 * workers. Equal rows stay together, so that where rows repeat a few less may be held out.
 *
 * <p>The hash is found without a sort, reading the rows twice: their highest bits are counted, then
 * the hashes of one bin are brought to the driver.
 */
public final class ValidationSplit {
  private static final int BINS = 1 << 12;

  private final JavaRDD<byte[]> rows;
  private final RowOrder order;

  private ValidationSplit(JavaRDD<byte[]> rows, RowOrder order) {
    this.rows = rows;
    this.order = order;
  }

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
    long border = new ValidationSplit(rows, order).border(fraction);
    return new Split<>(
        new RowSource(source.format(), rows.filter(row -> order.hash(row) >= border), source.bad()),
        new RowSource(
            source.format(), rows.filter(row -> order.hash(row) < border), Optional.empty()));
  }

  /** The hash of the first rank that is trained on. */
  private long border(double fraction) throws ExecutionException, InterruptedException {
    long[] counts = counts();
    long left = Math.round(Math.rint(fraction * Arrays.stream(counts).sum()));
    for (int bin = 0; bin < BINS; bin++) {
      if (left < counts[bin]) {
        return hashes(bin).get((int) left);
      }
      left -= counts[bin];
    }
    return Long.MAX_VALUE;
  }

  private long[] counts() throws ExecutionException, InterruptedException {
    RowOrder ranks = order;
    FlatMapFunction<Iterator<byte[]>, long[]> count =
        part -> {
          long[] bins = new long[BINS];
          part.forEachRemaining(row -> bins[SortedPart.part(ranks.hash(row), BINS)]++);
          return List.of(bins).iterator();
        };
    long[] sums = new long[BINS];
    for (long[] bins : rows.mapPartitions(count).collectAsync().get()) {
      for (int bin = 0; bin < BINS; bin++) {
        sums[bin] += bins[bin];
      }
    }
    return sums;
  }

  /** The hashes of a bin, in order. */
  private List<Long> hashes(int bin) throws ExecutionException, InterruptedException {
    RowOrder ranks = order;
    List<Long> hashes =
        new ArrayList<>(
            rows.map(ranks::hash)
                .filter(hash -> SortedPart.part(hash, BINS) == bin)
                .collectAsync()
                .get());
    hashes.sort(null);
    return hashes;
  }
}
