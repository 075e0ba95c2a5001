package dev.kindling.data;

/**
 * Rows that can be read one by one, in any order. Implementations are immutable and thread-safe, so
 * that ranges of rows can be read in parallel.
 */
public interface Dataset {
  /** What every row is made of. */
  RowFormat format();

  /** Number of rows. */
  int size();

  /**
   * One row, encoded as its format says, in a new array.
   *
   * @param index from 0 to size - 1
   */
  byte[] row(int index);
}
