package dev.kindling.data;

/**
 * A fixed number of rows that are written in place and read as a {@link Slice}, again and again
 * without an allocation. Not thread-safe.
 */
public final class RowBuffer {
  private final RowFormat format;
  private final int rowLength;
  private final int rowsPerChunk;
  private final byte[][] chunks;
  private final Slice rows;
  private final int most;
  private int size;

  /** Room for at most so many rows. */
  public RowBuffer(RowFormat format, int most) {
    this.format = format;
    this.most = most;
    this.rowLength = format.length();
    this.rowsPerChunk = Slice.rowsPerChunk(rowLength);
    this.chunks = new byte[(most + rowsPerChunk - 1) / rowsPerChunk][];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = new byte[Math.min(rowsPerChunk, most - i * rowsPerChunk) * rowLength];
    }
    this.rows = new Slice(format, most, chunks, 0);
  }

  /**
   * The next row, to be written at once.
   *
   * @throws IndexOutOfBoundsException when it is full
   */
  public RowEncoder add() {
    RowEncoder row =
        new RowEncoder(format, chunks[size / rowsPerChunk], size % rowsPerChunk * rowLength);
    size++;
    return row;
  }

  /** Rows so far. */
  public int size() {
    return size;
  }

  /** Most rows. */
  public int capacity() {
    return most;
  }

  /** Begins again at the first row. */
  public void clear() {
    size = 0;
  }

  /** What the rows are made of. */
  public RowFormat format() {
    return format;
  }

  /**
   * All places, the first {@link #size} of them rows; it has no checksum, and changes with them.
   */
  public Slice rows() {
    return rows;
  }
}
