package dev.kindling.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The rows of one logical replica, as compact as they were encoded. Kept in chunks, so that a slice
 * may be larger than one array. Immutable and thread-safe.
 */
public final class Slice implements StoredSlice, Serializable {
  private static final long serialVersionUID = 1L;
  private static final int CHUNK = 1 << 20;

  private final RowFormat format;
  private final int size;
  private final byte[][] chunks;
  private final long checksum;
  private final int shift;
  private final int rowLength;

  /** Made on first use: what it holds follows from the other fields, so a race does no harm. */
  private transient volatile FeatureDecoder decoder;

  Slice(RowFormat format, int size, byte[][] chunks, long checksum) {
    this.format = format;
    this.size = size;
    this.chunks = chunks;
    this.checksum = checksum;
    this.rowLength = format.length();
    this.shift = Integer.numberOfTrailingZeros(rowsPerChunk(rowLength));
  }

  /** A power of two: as many rows as fit into 1 MiB, at least one. */
  static int rowsPerChunk(int rowLength) {
    return Integer.highestOneBit(Math.max(1, CHUNK / rowLength));
  }

  @Override
  public RowFormat format() {
    return format;
  }

  @Override
  public int size() {
    return size;
  }

  /** Bytes of all rows. */
  public long bytes() {
    return (long) size * rowLength;
  }

  @Override
  public long checksum() {
    return checksum;
  }

  /** The same rows, read with another format of the same row length. */
  public Slice as(RowFormat other) {
    if (other.length() != rowLength) {
      throw new IllegalArgumentException(
          "slice: rows of %d bytes cannot be read as rows of %d bytes"
              .formatted(rowLength, other.length()));
    }
    return new Slice(other, size, chunks, checksum);
  }

  /** A copy of one encoded row. */
  public byte[] row(int index) {
    int from = start(index);
    return Arrays.copyOfRange(chunk(index), from, from + rowLength);
  }

  /**
   * Features and labels of some rows: {@link #gatherFeatures} and {@link #gatherLabels} together.
   */
  public void gather(
      int[] rows,
      int from,
      int count,
      float[] features,
      int featuresOffset,
      int[] labels,
      int labelsOffset) {
    gatherFeatures(rows, from, count, features, featuresOffset);
    gatherLabels(rows, from, count, labels, labelsOffset);
  }

  /**
   * Features and target values of some rows: {@link #gatherFeatures} and {@link #gatherValues}
   * together.
   */
  public void gather(
      int[] rows,
      int from,
      int count,
      float[] features,
      int featuresOffset,
      float[] values,
      int valuesOffset) {
    gatherFeatures(rows, from, count, features, featuresOffset);
    gatherValues(rows, from, count, values, valuesOffset);
  }

  /**
   * Normalised features of the rows {@code rows[from]} to {@code rows[from + count - 1]}, one row
   * after the other.
   */
  public void gatherFeatures(int[] rows, int from, int count, float[] into, int offset) {
    FeatureDecoder features = decoder();
    for (int i = 0; i < count; i++) {
      int row = rows[from + i];
      features.decode(row >>> shift, start(row), into, offset + i * features.length);
    }
  }

  /** The int labels of some rows. */
  public void gatherLabels(int[] rows, int from, int count, int[] into, int offset) {
    int length = decoder().labels();
    int target = rowLength - (length + 1) * Integer.BYTES;
    int out = offset;
    for (int i = from; i < from + count; i++) {
      int at = start(rows[i]) + target;
      for (int k = 0; k < length; k++) {
        into[out++] = LittleEndian.getInt(chunk(rows[i]), at + k * Integer.BYTES);
      }
    }
  }

  /** The float target values of some rows. */
  public void gatherValues(int[] rows, int from, int count, float[] into, int offset) {
    int length = decoder().values();
    gatherFloats(rows, from, count, rowLength - (length + 1) * Float.BYTES, length, into, offset);
  }

  /** The weights of some rows. */
  public void gatherWeights(int[] rows, int from, int count, float[] into, int offset) {
    gatherFloats(rows, from, count, rowLength - Float.BYTES, 1, into, offset);
  }

  private void gatherFloats(
      int[] rows, int from, int count, int inRow, int length, float[] into, int offset) {
    int out = offset;
    for (int i = from; i < from + count; i++) {
      int at = start(rows[i]) + inRow;
      for (int k = 0; k < length; k++) {
        into[out++] = LittleEndian.getFloat(chunk(rows[i]), at + k * Float.BYTES);
      }
    }
  }

  private byte[] chunk(int row) {
    return chunks[row >>> shift];
  }

  private int start(int row) {
    return (row & (1 << shift) - 1) * rowLength;
  }

  private FeatureDecoder decoder() {
    FeatureDecoder made = decoder;
    if (made == null) {
      made = FeatureDecoder.of(format, chunks);
      decoder = made;
    }
    return made;
  }

  /** Writes size, checksum and rows; the format is known to the reader. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeInt(size);
    out.writeLong(checksum);
    for (byte[] chunk : chunks) {
      out.write(chunk);
    }
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws DataException when the rows do not have their checksum
   */
  public static Slice readFrom(DataInput in, RowFormat format) throws IOException {
    int size = in.readInt();
    long checksum = in.readLong();
    SliceBuilder builder = new SliceBuilder(format);
    byte[] row = new byte[format.length()];
    for (int i = 0; i < size; i++) {
      in.readFully(row);
      builder.append(row);
    }
    Slice slice = builder.build();
    if (slice.checksum != checksum) {
      throw new DataException(
          "slice: %d rows have the checksum %08x, not %08x as when they were written; make the slice again"
              .formatted(size, slice.checksum, checksum));
    }
    return slice;
  }
}
