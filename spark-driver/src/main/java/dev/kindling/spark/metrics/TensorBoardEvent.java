package dev.kindling.spark.metrics;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * One record of a TensorBoard event file.
 *
 * <pre>
 * record   length u64 | masked CRC32C of the length u32 | event | masked CRC32C of the event u32
 * event    protobuf: 1 wall time (double), 2 step (varint), 3 file version (string), 5 summary
 * summary  protobuf: 1 value, repeated: 1 tag (string), 2 simple value (float)
 * masked   (crc rotated right by 15) + 0xa282ead8, so that a checksum of checksums stays one
 * </pre>
 *
 * All numbers are little-endian.
 */
final class TensorBoardEvent {
  private static final int MASK = 0xa282ead8;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private TensorBoardEvent() {}

  /** The record that every file begins with. */
  static byte[] version(double wallSeconds) {
    Message event = new Message().number(1, wallSeconds);
    return record(event.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8)).toByteArray());
  }

  /** Numbers at a step, by their tags. */
  static byte[] scalars(double wallSeconds, long step, Map<String, Double> values) {
    Message summary = new Message();
    values.forEach((tag, value) -> summary.bytes(1, scalar(tag, value)));
    return record(
        new Message()
            .number(1, wallSeconds)
            .whole(2, step)
            .bytes(5, summary.toByteArray())
            .toByteArray());
  }

  private static byte[] scalar(String tag, double value) {
    return new Message()
        .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
        .number(2, (float) value)
        .toByteArray();
  }

  private static byte[] record(byte[] event) {
    ByteBuffer record = little(Long.BYTES + Integer.BYTES + event.length + Integer.BYTES);
    record.putLong(event.length);
    record.putInt(maskedCrc(record.array(), Long.BYTES));
    record.put(event).putInt(maskedCrc(event, event.length));
    return record.array();
  }

  /** The checksum of the first bytes. */
  static int maskedCrc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Fields of a protobuf message. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] toByteArray() {
      return out.toByteArray();
    }

    private void varint(long number) {
      long left = number;
      while ((left & ~0x7fL) != 0) {
        out.write((int) (left & 0x7f) | 0x80);
        left >>>= 7;
      }
      out.write((int) left);
    }

    private void key(int field, int type) {
      varint(field << 3 | type);
    }

    Message whole(int field, long value) {
      key(field, VARINT);
      varint(value);
      return this;
    }

    Message number(int field, double value) {
      key(field, FIXED64);
      out.writeBytes(little(Double.BYTES).putDouble(value).array());
      return this;
    }

    Message number(int field, float value) {
      key(field, FIXED32);
      out.writeBytes(little(Float.BYTES).putFloat(value).array());
      return this;
    }

    Message bytes(int field, byte[] value) {
      key(field, BYTES);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }
  }
}
