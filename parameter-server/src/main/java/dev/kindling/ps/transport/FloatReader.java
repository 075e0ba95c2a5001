package dev.kindling.ps.transport;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Moves arriving bytes into a float array, whatever their splits: whole values in bulk, a value
 * that is split between two reads byte by byte. First come the values of the encoding's format,
 * then those of its float32 tail.
 */
final class FloatReader {
  private final ByteBuf split = Unpooled.buffer(Float.BYTES);
  private FloatFormat format;
  private Floats target;
  private int at;
  private long left;
  private long tail;

  /** Begins; a null target drops the values. */
  void begin(Floats into, FloatEncoding how, int length) {
    target = into;
    format = how.format();
    at = into == null ? 0 : into.offset();
    left = (long) how.narrow(length) * format.bytes();
    tail = how.bytes(length) - left;
    split.clear();
    beginTail();
  }

  private void beginTail() {
    if (left == 0 && tail > 0) {
      format = FloatFormat.FLOAT32;
      left = tail;
      tail = 0;
    }
  }

  boolean isDone() {
    return left == 0;
  }

  /** Takes what there is, at most to the end of the floats. */
  void read(ByteBuf in) {
    readFormat(in);
    if (left == 0 && tail > 0) {
      beginTail();
      readFormat(in);
    }
  }

  /** Takes what there is of one format. */
  private void readFormat(ByteBuf in) {
    if (target == null) {
      int skipped = (int) Math.min(left, in.readableBytes());
      in.skipBytes(skipped);
      left -= skipped;
      return;
    }
    if (split.isReadable()) {
      fillSplit(in, format.bytes() - split.readableBytes());
    }
    int count = (int) (Math.min(left, in.readableBytes()) / format.bytes());
    if (count > 0 && !split.isReadable()) {
      take(in, count);
    }
    fillSplit(in, (int) Math.min(left, in.readableBytes()));
  }

  private void take(ByteBuf in, int count) {
    FloatEncoding.read(format, in, target.array(), at, count);
    at += count;
    left -= (long) count * format.bytes();
  }

  private void fillSplit(ByteBuf in, int bytes) {
    split.writeBytes(in, Math.min(bytes, in.readableBytes()));
    if (split.readableBytes() == format.bytes()) {
      take(split, 1);
      split.clear();
    }
  }
}
