package dev.kindling.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A data set in two parts, drawn by content: of N rows the {@code round(fraction * N)} with the
 * smallest hashes are held out. So the parts depend on the rows and the seed alone, and equal rows
 * never stand on both sides but at the border.
 *
 * @param train the larger part, as a rule
 * @param validation the part held out
 */
public record Split(Dataset train, Dataset validation) {
  /** Keeps the order of a split apart from the order of training under the same seed. */
  private static final long SALT = 0x53504C4954L;

  /**
   * Splits a data set.
   *
   * @param fraction of the rows that is held out, from 0 to 1
   */
  public static Split of(Dataset data, double fraction, long seed) {
    Checks.fraction("validation fraction", fraction);
    int heldOut = (int) Math.rint(fraction * data.size());
    int[] byRank = new RowOrder(seed ^ SALT).indicesByRank(data);
    return new Split(
        part(data, Arrays.stream(byRank, heldOut, byRank.length)),
        part(data, Arrays.stream(byRank, 0, heldOut)));
  }

  private static Dataset part(Dataset data, IntStream indices) {
    return new Subset(data, indices.sorted().toArray());
  }
}
