package dev.kindling.spark.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * The hash below which a share of the rows lies: of N hashes that of rank {@code rint(fraction *
 * N)}. Found without a sort, reading the hashes twice: their highest bits are counted, then the
 * hashes of one bin are brought to the driver.
 */
final class HashBorder {
  private static final int BINS = 1 << 12;

  private final JavaRDD<Long> hashes;

  private HashBorder(JavaRDD<Long> hashes) {
    this.hashes = hashes;
  }

  /** The smallest hash that does not belong to the share. */
  static long of(JavaRDD<Long> hashes, double fraction)
      throws ExecutionException, InterruptedException {
    return new HashBorder(hashes).at(fraction);
  }

  private long at(double fraction) throws ExecutionException, InterruptedException {
    long[] counts = counts();
    long left = Math.round(Math.rint(fraction * Arrays.stream(counts).sum()));
    for (int bin = 0; bin < BINS; bin++) {
      if (left < counts[bin]) {
        return sorted(bin).get((int) left);
      }
      left -= counts[bin];
    }
    return Long.MAX_VALUE;
  }

  private long[] counts() throws ExecutionException, InterruptedException {
    FlatMapFunction<Iterator<Long>, long[]> count =
        part -> {
          long[] bins = new long[BINS];
          part.forEachRemaining(hash -> bins[SortedPart.part(hash, BINS)]++);
          return List.of(bins).iterator();
        };
    long[] sums = new long[BINS];
    for (long[] bins : hashes.mapPartitions(count).collectAsync().get()) {
      for (int bin = 0; bin < BINS; bin++) {
        sums[bin] += bins[bin];
      }
    }
    return sums;
  }

  private List<Long> sorted(int bin) throws ExecutionException, InterruptedException {
    List<Long> inBin =
        new ArrayList<>(
            hashes.filter(hash -> SortedPart.part(hash, BINS) == bin).collectAsync().get());
    inBin.sort(null);
    return inBin;
  }
}
