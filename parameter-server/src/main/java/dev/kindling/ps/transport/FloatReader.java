package dev.kindling.ps.transport;

import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Moves arriving bytes into a float array, whatever their splits: whole values in bulk, a value
 * that is split between two reads byte by byte.
 */
final class FloatReader {
  private final ByteBuf split = Unpooled.buffer(Float.BYTES);
  private FloatEncoding encoding;
  private Floats target;
  private int at;
  private long left;

  /** Begins; a null target drops the values. */
  void begin(Floats into, FloatEncoding how, int length) {
    target = into;
    encoding = how;
    at = into == null ? 0 : into.offset();
    left = (long) length * how.bytes();
    split.clear();
  }

  boolean isDone() {
    return left == 0;
  }

  /** Takes what there is, at most to the end of the floats. */
  void read(ByteBuf in) {
    if (target == null) {
      int skipped = (int) Math.min(left, in.readableBytes());
      in.skipBytes(skipped);
      left -= skipped;
      return;
    }
    if (split.isReadable()) {
      fillSplit(in, encoding.bytes() - split.readableBytes());
    }
    int count = (int) (Math.min(left, in.readableBytes()) / encoding.bytes());
    if (count > 0 && !split.isReadable()) {
      take(in, count);
    }
    fillSplit(in, (int) Math.min(left, in.readableBytes()));
  }

  private void take(ByteBuf in, int count) {
    encoding.read(in, target.array(), at, count);
    at += count;
    left -= (long) count * encoding.bytes();
  }

  private void fillSplit(ByteBuf in, int bytes) {
    split.writeBytes(in, Math.min(bytes, in.readableBytes()));
    if (split.readableBytes() == encoding.bytes()) {
      take(split, 1);
      split.clear();
    }
  }
}
