package dev.kindling.ps.wire;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.train.table.TableSpec;
import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;

/** Keys and rows of tables inside a message; counts are checked before memory is taken. */
final class RowFields {
  /** So many bytes of a message with rows may be keys and rows. */
  private static final int ROOM = (1 << 20) - 256;

  private RowFields() {}

  /** The most rows of a width that one message holds, with their keys. */
  static int most(int width) {
    return ROOM / (Long.BYTES + width * Float.BYTES);
  }

  static int readWidth(ByteBuf in) {
    int width = in.readIntLE();
    if (width < 1 || width > TableSpec.WIDEST) {
      throw new WireException(
          "rows of %d elements; 1 to %d are possible".formatted(width, TableSpec.WIDEST));
    }
    return width;
  }

  /** The number of rows that follow, each of so many bytes here. */
  static int readCount(ByteBuf in, int width, int bytesEach) {
    int count = Fields.readCount(in, bytesEach);
    if (count > most(width)) {
      throw new WireException(
          "%d rows of %d elements; a message holds %d".formatted(count, width, most(width)));
    }
    return count;
  }

  static void writeKeys(long[] keys, ByteBuf out) {
    int bytes = keys.length * Long.BYTES;
    out.ensureWritable(bytes);
    out.nioBuffer(out.writerIndex(), bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(keys);
    out.writerIndex(out.writerIndex() + bytes);
  }

  static long[] readKeys(ByteBuf in, int count) {
    long[] keys = new long[count];
    int bytes = count * Long.BYTES;
    in.nioBuffer(in.readerIndex(), bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(keys);
    in.skipBytes(bytes);
    return keys;
  }

  static void writeRows(float[] rows, ByteBuf out) {
    FloatEncoding.FLOAT32.write(new Floats(rows, 0, rows.length), 0, rows.length, out);
  }

  static float[] readRows(ByteBuf in, int length) {
    float[] rows = new float[length];
    FloatEncoding.read(FloatFormat.FLOAT32, in, rows, 0, length);
    return rows;
  }
}
