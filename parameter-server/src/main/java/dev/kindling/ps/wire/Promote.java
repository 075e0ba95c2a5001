package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The driver makes a standby the primary: the one before is lost, or taken for lost.
 *
 * @param term of the shards from now on, above all before
 */
public record Promote(int term) implements Message {
  @Override
  public MessageType type() {
    return MessageType.PROMOTE;
  }

  @Override
  public int bodyLength() {
    return Integer.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
  }

  static Promote decode(ByteBuf in) {
    return new Promote(in.readIntLE());
  }
}
