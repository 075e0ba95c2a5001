package dev.kindling.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Collects encoded rows into a {@link Slice}. Not thread-safe; used once. */
public final class SliceBuilder {
  /** So many rows have room in a new chunk. */
  private static final int FIRST_ROWS = 16;

  private final RowFormat format;
  private final int rowLength;
  private final int rowsPerChunk;
  private final int rowsOfNewChunk;
  private final List<byte[]> chunks = new ArrayList<>();
  private final CRC32C checksum = new CRC32C();
  private int size;

  /** Starts an empty slice. */
  public SliceBuilder(RowFormat format) {
    this(format, Integer.MAX_VALUE);
  }

  /** Starts an empty slice of at most so many rows, taking no more memory than these need. */
  public SliceBuilder(RowFormat format, int most) {
    this.format = format;
    this.rowLength = format.length();
    this.rowsPerChunk = Slice.rowsPerChunk(rowLength);
    this.rowsOfNewChunk = Math.min(most, rowsPerChunk);
  }

  /** All rows of a data set in their own order. */
  public static Slice sliceOf(Dataset data) {
    SliceBuilder builder = new SliceBuilder(data.format());
    for (int i = 0; i < data.size(); i++) {
      builder.append(data.row(i));
    }
    return builder.build();
  }

  /** Appends one row; the array is copied. */
  public SliceBuilder append(byte[] row) {
    if (row.length != rowLength) {
      throw new IllegalArgumentException(
          "slice: a row of %d bytes; the format's rows have %d".formatted(row.length, rowLength));
    }
    int place = size % rowsPerChunk * rowLength;
    System.arraycopy(row, 0, chunkWithRoom(place), place, rowLength);
    checksum.update(row);
    size = Math.addExact(size, 1);
    return this;
  }

  /** Chunks grow by doubling: thousands of clients may have a builder each, and a few rows. */
  private byte[] chunkWithRoom(int place) {
    if (place == 0) {
      chunks.add(new byte[Math.min(FIRST_ROWS, rowsOfNewChunk) * rowLength]);
    }
    int last = chunks.size() - 1;
    byte[] chunk = chunks.get(last);
    if (place == chunk.length) {
      chunk = Arrays.copyOf(chunk, Math.min(2 * place, rowsOfNewChunk * rowLength));
      chunks.set(last, chunk);
    }
    return chunk;
  }

  /** The slice of the rows so far. */
  public Slice build() {
    int inLast = size % rowsPerChunk * rowLength;
    int last = chunks.size() - 1;
    if (inLast > 0 && inLast < chunks.get(last).length) {
      chunks.set(last, Arrays.copyOf(chunks.get(last), inLast));
    }
    return new Slice(format, size, chunks.toArray(byte[][]::new), checksum.getValue());
  }
}
