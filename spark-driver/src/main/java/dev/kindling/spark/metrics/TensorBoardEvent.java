package dev.kindling.spark.metrics;

import dev.kindling.train.ValueHistogram;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * One record of a TensorBoard event file.
 *
 * <pre>
 * record     length u64 | masked CRC32C of the length u32 | event | masked CRC32C of the event u32
 * event      protobuf: 1 wall time (double), 2 step (varint), 3 file version (string), 5 summary
 * summary    protobuf: 1 value, repeated: 1 tag (string), 2 simple value (float), 5 histogram,
 *            9 metadata: 1 plugin: 1 name (string), 2 content (bytes)
 * histogram  protobuf: 1 smallest, 2 largest, 3 count, 4 sum, 5 sum of squares (double),
 *            6 upper limits, 7 counts (double, packed)
 * masked     (crc rotated right by 15) + 0xa282ead8, so that a checksum of checksums stays one
 * </pre>
 *
 * All numbers are little-endian.
 */
final class TensorBoardEvent {
  private static final int MASK = 0xa282ead8;

  private TensorBoardEvent() {}

  /** The record that every file begins with. */
  static byte[] version(double wallSeconds) {
    return record(new ProtobufMessage().number(1, wallSeconds).text(3, "brain.Event:2"));
  }

  /** Numbers at a step, by their tags. */
  static byte[] scalars(double wallSeconds, long step, Map<String, Double> values) {
    ProtobufMessage summary = new ProtobufMessage();
    values.forEach(
        (tag, value) ->
            summary.message(1, new ProtobufMessage().text(1, tag).number(2, value.floatValue())));
    return event(wallSeconds, step, summary);
  }

  /** Histograms at a step, by their tags. */
  static byte[] histograms(double wallSeconds, long step, Map<String, ValueHistogram> values) {
    ProtobufMessage summary = new ProtobufMessage();
    values.forEach(
        (tag, histogram) ->
            summary.message(1, new ProtobufMessage().text(1, tag).message(5, of(histogram))));
    return event(wallSeconds, step, summary);
  }

  /** The empty bins at both ends are left out. */
  private static ProtobufMessage of(ValueHistogram histogram) {
    double[] counts = histogram.counts();
    double[] limits = ValueHistogram.limits();
    int first = 0;
    while (first < counts.length - 1 && counts[first] == 0) {
      first++;
    }
    int last = counts.length - 1;
    while (last > first && counts[last] == 0) {
      last--;
    }
    return new ProtobufMessage()
        .number(1, first == 0 ? limits[0] : limits[first - 1])
        .number(2, limits[last])
        .number(3, histogram.count())
        .number(4, histogram.sum())
        .number(5, histogram.sumOfSquares())
        .numbers(6, Arrays.copyOfRange(limits, first, last + 1))
        .numbers(7, Arrays.copyOfRange(counts, first, last + 1));
  }

  /** What a plugin of TensorBoard reads. */
  static byte[] ofPlugin(double wallSeconds, String tag, String plugin, ProtobufMessage content) {
    ProtobufMessage data = new ProtobufMessage().text(1, plugin).message(2, content);
    ProtobufMessage value =
        new ProtobufMessage().text(1, tag).message(9, new ProtobufMessage().message(1, data));
    return event(wallSeconds, 0, new ProtobufMessage().message(1, value));
  }

  private static byte[] event(double wallSeconds, long step, ProtobufMessage summary) {
    return record(new ProtobufMessage().number(1, wallSeconds).whole(2, step).message(5, summary));
  }

  private static byte[] record(ProtobufMessage message) {
    byte[] event = message.toByteArray();
    ByteBuffer record =
        ProtobufMessage.little(Long.BYTES + Integer.BYTES + event.length + Integer.BYTES);
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
}
