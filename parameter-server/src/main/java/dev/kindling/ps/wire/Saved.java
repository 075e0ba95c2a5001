package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * What became of a checkpoint.
 *
 * @param version that is committed; {@link #FAILED} for one that could not be written, {@link
 *     #LATE} for one that was asked for when its version had been made
 * @param text why it could not; else empty
 */
public record Saved(long version, String text) implements Message {
  /** It could not be written. */
  public static final long FAILED = -1;

  /** Its version was there already. */
  public static final long LATE = -2;

  @Override
  public MessageType type() {
    return MessageType.SAVED;
  }

  @Override
  public int bodyLength() {
    return Long.BYTES + Fields.textLength(Fields.utf8(text));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(version);
    Fields.writeText(Fields.utf8(text), out);
  }

  static Saved decode(ByteBuf in) {
    return new Saved(in.readLongLE(), Fields.readText(in));
  }
}
