package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The driver asks for a checkpoint.
 *
 * @param version of this version; {@link #SOON} for the first that can be had
 */
public record Save(long version) implements Message {
  /** As soon as possible. */
  public static final long SOON = -1;

  @Override
  public MessageType type() {
    return MessageType.SAVE;
  }

  @Override
  public int bodyLength() {
    return Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(version);
  }

  static Save decode(ByteBuf in) {
    return new Save(in.readLongLE());
  }
}
