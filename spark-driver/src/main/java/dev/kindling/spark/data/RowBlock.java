package dev.kindling.spark.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Encoded rows that travel together through a shuffle: far cheaper than one object a row. Not to be
 * changed once it is made.
 */
public final class RowBlock implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long first;
  private final byte[] rows;

  /**
   * Rows with the rank of the first.
   *
   * @param rows whole rows, one after the other
   */
  RowBlock(long first, byte[] rows) {
    this.first = first;
    this.rows = rows;
  }

  /** Rank of the first row. */
  long first() {
    return first;
  }

  /** Bytes of all rows. */
  int bytes() {
    return rows.length;
  }

  /** All rows, one after the other; not to be changed. */
  byte[] rows() {
    return rows;
  }

  /** Every row, copied out. */
  Iterator<byte[]> rows(int rowLength) {
    return new Rows(rowLength, List.of(rows).iterator());
  }

  /** Every row of some blocks, copied out. */
  static final class Rows implements Iterator<byte[]> {
    private final int rowLength;
    private final Iterator<byte[]> blocks;
    private byte[] block = {};
    private int at;

    Rows(int rowLength, Iterator<byte[]> blocks) {
      this.rowLength = rowLength;
      this.blocks = blocks;
    }

    @Override
    public boolean hasNext() {
      while (at == block.length && blocks.hasNext()) {
        block = blocks.next();
        at = 0;
      }
      return at < block.length;
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      at += rowLength;
      return at == rowLength && at == block.length
          ? block
          : Arrays.copyOfRange(block, at - rowLength, at);
    }
  }
}
