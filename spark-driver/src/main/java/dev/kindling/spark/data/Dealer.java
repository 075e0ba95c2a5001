package dev.kindling.spark.data;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/**
 * Deals rows to numbered hands, collecting those of a hand into blocks. Holds at most one block a
 * hand. Not thread-safe.
 */
final class Dealer implements Iterator<Tuple2<Integer, RowBlock>> {
  private static final int BLOCK = 1 << 16;

  /** Whose a row is. */
  interface Hand {
    int of(long rank, byte[] row);
  }

  private final Iterator<byte[]> rows;
  private final Hand hand;
  private final int rowLength;
  private final byte[][] blocks;
  private final long[] first;
  private final int[] filled;
  private final Deque<Tuple2<Integer, RowBlock>> done = new ArrayDeque<>();
  private long rank;

  /**
   * Deals all rows.
   *
   * @param start rank of the first row
   */
  Dealer(Iterator<byte[]> rows, int rowLength, long start, int hands, Hand hand) {
    this.rows = rows;
    this.rowLength = rowLength;
    this.rank = start;
    this.hand = hand;
    this.blocks = new byte[hands][];
    this.first = new long[hands];
    this.filled = new int[hands];
  }

  @Override
  public boolean hasNext() {
    while (done.isEmpty() && rows.hasNext()) {
      deal(rows.next());
    }
    for (int h = 0; done.isEmpty() && h < blocks.length; h++) {
      flush(h);
    }
    return !done.isEmpty();
  }

  @Override
  public Tuple2<Integer, RowBlock> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return done.remove();
  }

  private void deal(byte[] row) {
    int h = hand.of(rank, row);
    if (filled[h] == 0) {
      blocks[h] = new byte[Math.max(1, BLOCK / rowLength) * rowLength];
      first[h] = rank;
    }
    System.arraycopy(row, 0, blocks[h], filled[h], rowLength);
    filled[h] += rowLength;
    rank++;
    if (filled[h] == blocks[h].length) {
      flush(h);
    }
  }

  private void flush(int h) {
    if (filled[h] > 0) {
      byte[] whole =
          filled[h] == blocks[h].length ? blocks[h] : Arrays.copyOf(blocks[h], filled[h]);
      done.add(new Tuple2<>(h, new RowBlock(first[h], whole)));
      filled[h] = 0;
      blocks[h] = null;
    }
  }
}
