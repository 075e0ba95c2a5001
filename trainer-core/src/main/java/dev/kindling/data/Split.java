package dev.kindling.data;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Rows in two parts, drawn by content: of N rows the {@code rint(fraction * N)} with the smallest
 * hashes are held out. So the parts depend on the rows and the seed alone, and equal rows never
 * stand on both sides but at the border.
 *
 * @param train the larger part, as a rule
 * @param validation the part held out
 * @param <T> a {@link Dataset}, or what else has rows
 */
public record Split<T>(T train, T validation) {
  /** Keeps the order of a split apart from the order of training under the same seed. */
  private static final long SALT = 0x53504C4954L;

  /** The order whose first rows are held out. */
  public static RowOrder order(long seed) {
    return new RowOrder(seed ^ SALT);
  }

  /**
   * Splits a data set.
   *
   * @param fraction of the rows that is held out, from 0 to 1
   */
  public static Split<Dataset> of(Dataset data, double fraction, long seed) {
    return of(data.size(), data::row, fraction, seed, indices -> new Subset(data, indices));
  }

  /**
   * Splits anything that has rows.
   *
   * @param size number of rows
   * @param row the content of a row, by which it is ranked
   * @param fraction of the rows that is held out, from 0 to 1
   * @param part the rows at some places, in ascending order
   */
  public static <T> Split<T> of(
      int size,
      IntFunction<byte[]> row,
      double fraction,
      long seed,
      Function<int[], ? extends T> part) {
    Checks.fraction("validation fraction", fraction);
    int heldOut = (int) Math.rint(fraction * size);
    int[] byRank = order(seed).indicesByRank(size, row);
    return new Split<>(
        part.apply(Arrays.stream(byRank, heldOut, size).sorted().toArray()),
        part.apply(Arrays.stream(byRank, 0, heldOut).sorted().toArray()));
  }
}
