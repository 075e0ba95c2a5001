package dev.kindling.ps.wire;

import dev.kindling.ps.Worker;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The fields whose length is not fixed; lengths are checked before memory is taken. */
final class Fields {
  /** Bytes of a nonce and of a proof. */
  static final int HASH = 32;

  /** Longest text in bytes; longer ones are cut. */
  static final int LONGEST_TEXT = 4096;

  /** Longest vector of doubles: with what stands around it, 16 MiB. */
  static final int LONGEST_VECTOR = (1 << 21) - 32;

  private Fields() {}

  static byte[] utf8(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= LONGEST_TEXT) {
      return bytes;
    }
    int end = LONGEST_TEXT;
    while ((bytes[end] & 0xC0) == 0x80) { // not inside a character
      end--;
    }
    return java.util.Arrays.copyOf(bytes, end);
  }

  static void writeText(byte[] utf8, ByteBuf out) {
    out.writeShortLE(utf8.length);
    out.writeBytes(utf8);
  }

  static int textLength(byte[] utf8) {
    return Short.BYTES + utf8.length;
  }

  static String readText(ByteBuf in) {
    int length = in.readUnsignedShortLE();
    if (length > LONGEST_TEXT) {
      throw new WireException(
          "a text of %d bytes; at most %d are read".formatted(length, LONGEST_TEXT));
    }
    return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
  }

  /** Certificates, which may be long; ASCII, a byte each. */
  static void writePem(String pem, ByteBuf out) {
    out.writeIntLE(pem.length());
    out.writeCharSequence(pem, StandardCharsets.ISO_8859_1);
  }

  static String readPem(ByteBuf in) {
    return in.readCharSequence(readCount(in, 1), StandardCharsets.ISO_8859_1).toString();
  }

  static byte[] readHash(ByteBuf in) {
    byte[] bytes = new byte[HASH];
    in.readBytes(bytes);
    return bytes;
  }

  static void writeWorker(Worker worker, ByteBuf out) {
    out.writeIntLE(worker.incarnation());
    out.writeIntLE(worker.lo());
    out.writeIntLE(worker.hi());
    writeText(utf8(worker.name()), out);
  }

  static Worker readWorker(ByteBuf in) {
    int incarnation = in.readIntLE();
    int lo = in.readIntLE();
    int hi = in.readIntLE();
    return new Worker(readText(in), lo, hi, incarnation);
  }

  /** A number of elements that have at least so many bytes each. */
  static int readCount(ByteBuf in, int leastBytes) {
    int count = in.readIntLE();
    if (count < 0 || count > in.readableBytes() / leastBytes) {
      throw new WireException("%d elements in %d bytes".formatted(count, in.readableBytes()));
    }
    return count;
  }

  /** One of some values, by its number in a byte. */
  static <E extends Enum<E>> E readEnum(ByteBuf in, E[] values) {
    int number = in.readUnsignedByte();
    if (number >= values.length) {
      throw new WireException(
          "%s number %d is unknown"
              .formatted(values[0].getDeclaringClass().getSimpleName(), number));
    }
    return values[number];
  }

  static int vectorLength(double[] values) {
    return Integer.BYTES + values.length * Double.BYTES;
  }

  static void writeVector(double[] values, ByteBuf out) {
    out.writeIntLE(values.length);
    for (double value : values) {
      out.writeDoubleLE(value);
    }
  }

  static double[] readVector(ByteBuf in) {
    int length = in.readIntLE();
    if (length < 0 || length > LONGEST_VECTOR || length > in.readableBytes() / Double.BYTES) {
      throw new WireException(
          "a vector of %d doubles in %d bytes; at most %d are read"
              .formatted(length, in.readableBytes(), LONGEST_VECTOR));
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readDoubleLE();
    }
    return values;
  }
}
