package dev.kindling.ps.wire;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.train.Rounding;
import io.netty.buffer.ByteBuf;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/**
 * How the floats of a bucket travel: in a format, and its last ones as float32, because statistics
 * and metrics at the end of the vector are not rounded. Immutable.
 *
 * @param format of the first floats
 * @param tail how many sixteens of floats at the end are float32; less if the bucket is shorter
 */
public record FloatEncoding(FloatFormat format, int tail) {
  /** As they are. */
  public static final FloatEncoding FLOAT32 = new FloatEncoding(FloatFormat.FLOAT32, 0);

  private static final int TAIL_UNIT = 16;
  private static final int LONGEST_TAIL = (1 << Short.SIZE) - 1;
  private static final int PIECE = 4096;

  /** Checks the tail. */
  public FloatEncoding {
    if (tail < 0 || tail > LONGEST_TAIL || format == FloatFormat.FLOAT32 && tail > 0) {
      throw new WireException("%s floats with a tail of %d".formatted(format, tail));
    }
  }

  /** For a range of the flat vector. */
  public static FloatEncoding of(Rounding rounding, long from, int length) {
    if (rounding.isNone()) {
      return FLOAT32;
    }
    int exact = length - rounding.within(from, length);
    return new FloatEncoding(rounding.format(), (exact + TAIL_UNIT - 1) / TAIL_UNIT);
  }

  /** From a frame's header; a {@link WireException} if there is none such. */
  public static FloatEncoding of(int code, int tail) {
    FloatFormat format = format(code);
    return tail == 0 && format == FloatFormat.FLOAT32 ? FLOAT32 : new FloatEncoding(format, tail);
  }

  /** The format of that number; a {@link WireException} if there is none. */
  static FloatFormat format(int code) {
    FloatFormat[] known = FloatFormat.values();
    if (code < 0 || code >= known.length) {
      throw new WireException("float encoding " + code + " is unknown");
    }
    return known[code];
  }

  /** The format's number on the wire. */
  public int code() {
    return format.ordinal();
  }

  /** How many of so many floats travel in the format; the others are float32. */
  public int narrow(int length) {
    return format == FloatFormat.FLOAT32 ? length : Math.max(0, length - TAIL_UNIT * tail);
  }

  /** Bytes of so many floats. */
  public long bytes(int length) {
    int narrow = narrow(length);
    return (long) narrow * format.bytes() + (long) (length - narrow) * Float.BYTES;
  }

  /** How many floats take so many bytes; a {@link WireException} if they would not be whole. */
  public int length(int bytes) {
    int exact = Math.min(bytes, TAIL_UNIT * tail * Float.BYTES);
    if (exact % Float.BYTES != 0 || (bytes - exact) % format.bytes() != 0) {
      throw new WireException("%d bytes do not hold whole floats".formatted(bytes));
    }
    return exact / Float.BYTES + (bytes - exact) / format.bytes();
  }

  /** Writes the values {@code from} to {@code to} (excluded) of a bucket at the writer index. */
  public void write(Floats bucket, int from, int to, ByteBuf out) {
    int narrow = Math.max(from, Math.min(to, narrow(bucket.length())));
    write(format, bucket.array(), bucket.offset() + from, narrow - from, out);
    write(FloatFormat.FLOAT32, bucket.array(), bucket.offset() + narrow, to - narrow, out);
  }

  private static void write(FloatFormat format, float[] from, int at, int length, ByteBuf out) {
    int bytes = length * format.bytes();
    out.ensureWritable(bytes);
    var target = out.nioBuffer(out.writerIndex(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (format == FloatFormat.FLOAT32) {
      target.asFloatBuffer().put(from, at, length);
    } else {
      encode(format, from, at, length, target.asShortBuffer());
    }
    out.writerIndex(out.writerIndex() + bytes);
  }

  private static void encode(
      FloatFormat format, float[] from, int at, int length, ShortBuffer out) {
    short[] piece = new short[Math.min(length, PIECE)];
    for (int done = 0; done < length; done += piece.length) {
      int count = Math.min(piece.length, length - done);
      format.encode(from, at + done, piece, count);
      out.put(piece, 0, count);
    }
  }

  /** Reads so many values of a format, which must be readable. */
  public static void read(FloatFormat format, ByteBuf in, float[] into, int offset, int length) {
    int bytes = length * format.bytes();
    var source = in.nioBuffer(in.readerIndex(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (format == FloatFormat.FLOAT32) {
      source.asFloatBuffer().get(into, offset, length);
    } else {
      decode(format, source.asShortBuffer(), into, offset, length);
    }
    in.skipBytes(bytes);
  }

  private static void decode(
      FloatFormat format, ShortBuffer in, float[] into, int offset, int length) {
    short[] piece = new short[Math.min(length, PIECE)];
    for (int done = 0; done < length; done += piece.length) {
      int count = Math.min(piece.length, length - done);
      in.get(piece, 0, count);
      format.decode(piece, into, offset + done, count);
    }
  }
}
