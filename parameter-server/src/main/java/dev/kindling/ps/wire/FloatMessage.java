package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/** A message that carries a bucket: a fixed body, then the floats. */
public sealed interface FloatMessage extends Message permits HandOver, Push, Values {
  /** The bucket's values, or {@link Floats#NONE} while they are on their way. */
  Floats floats();

  /** The same message with its floats. */
  FloatMessage with(Floats floats);

  /** How the floats travel. */
  FloatEncoding encoding();

  @Override
  default long frameLength() {
    return (long) HEADER + bodyLength() + encoding().bytes(floats().length());
  }

  /** Bytes before the floats, at most. */
  int LONGEST_HEAD = 64;

  @Override
  default void encode(ByteBuf out) {
    encodeHead(out);
    encoding().write(floats(), 0, floats().length(), out);
  }

  /** Writes all but the floats. */
  default void encodeHead(ByteBuf out) {
    out.writeIntLE(Math.toIntExact(frameLength()));
    out.writeByte(type().code());
    out.writeByte(encoding().code());
    out.writeShortLE(encoding().tail());
    encodeBody(out);
  }
}
