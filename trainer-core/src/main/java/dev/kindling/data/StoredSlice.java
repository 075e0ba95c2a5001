package dev.kindling.data;

/** The rows of one logical replica, wherever they are kept. Immutable. */
public sealed interface StoredSlice permits Slice, SpilledSlice {
  /** What every row is made of. */
  RowFormat format();

  /** Number of rows. */
  int size();

  /** CRC32C over all encoded rows in their order; the same wherever the rows are kept. */
  long checksum();
}
