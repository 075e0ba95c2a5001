package dev.kindling.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Puts one row together: {@code new RowEncoder(format).bytes(pixels, 0).label(3).row()}. The weight
 * is 1 where none is given. Not thread-safe; one for each row.
 */
public final class RowEncoder {
  private final RowFormat format;
  private final byte[] row;
  private final int start;

  /** Starts a row of zeros with weight 1. */
  public RowEncoder(RowFormat format) {
    this(format, new byte[format.length()], 0);
  }

  /** Starts a row at its place in an array, whose target is left as it is. */
  RowEncoder(RowFormat format, byte[] rows, int start) {
    this.format = format;
    this.row = rows;
    this.start = start;
    weight(1);
  }

  /** Takes UINT8 features from an array. */
  public RowEncoder bytes(byte[] source, int offset) {
    require(format.element() == ElementType.UINT8, "bytes", format.element());
    System.arraycopy(source, offset, row, start, format.features());
    return this;
  }

  /** Takes FLOAT32 features from an array. */
  public RowEncoder floats(float[] source, int offset) {
    require(format.element() == ElementType.FLOAT32, "floats", format.element());
    put(source, offset, format.features(), 0);
    return this;
  }

  /** Sets the only label. */
  public RowEncoder label(int label) {
    return labels(new int[] {label}, 0);
  }

  /**
   * Takes all labels from an array. Where a row has several, {@link Target#NO_LABEL} marks
   * positions that do not count, such as those behind a sequence's end.
   *
   * @throws DataException when one is not a class of the format
   */
  public RowEncoder labels(int[] source, int offset) {
    require(format.target() instanceof Target.Labels, "labels", format.target());
    int classes = ((Target.Labels) format.target()).classes();
    int length = format.target().length();
    for (int i = 0; i < length; i++) {
      int label = source[offset + i];
      boolean isNone = label == Target.NO_LABEL && length > 1;
      if ((label < 0 || label >= classes) && !isNone) {
        throw new DataException(
            "label %d is out of range; labels run from 0 to %d".formatted(label, classes - 1));
      }
      LittleEndian.putInt(row, start + format.targetOffset() + i * Integer.BYTES, label);
    }
    return this;
  }

  /** Takes all target values from an array. */
  public RowEncoder values(float[] source, int offset) {
    require(format.target() instanceof Target.Values, "values", format.target());
    put(source, offset, format.target().length(), format.targetOffset());
    return this;
  }

  /** Sets the weight of the row in the loss. */
  public RowEncoder weight(float weight) {
    LittleEndian.putFloat(row, start + format.weightOffset(), weight);
    return this;
  }

  /** The encoded row itself, not a copy; of a row among others, the array that holds them all. */
  public byte[] row() {
    return row;
  }

  private void put(float[] source, int offset, int count, int at) {
    ByteBuffer.wrap(row, start + at, count * Float.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(source, offset, count);
  }

  private static void require(boolean fits, String what, Object kind) {
    if (!fits) {
      throw new IllegalStateException("row: " + what + " given, but the format has " + kind);
    }
  }
}
