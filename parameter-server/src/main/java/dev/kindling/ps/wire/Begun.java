package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * A standalone server has a place for a run.
 *
 * @param term of the shards
 * @param version the run stands at
 * @param wantsValues whether the driver has to send the values of that version
 */
public record Begun(int term, long version, boolean wantsValues) implements Message {
  @Override
  public MessageType type() {
    return MessageType.BEGUN;
  }

  @Override
  public int bodyLength() {
    return Integer.BYTES + Long.BYTES + 1;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeLongLE(version);
    out.writeByte(wantsValues ? 1 : 0);
  }

  static Begun decode(ByteBuf in) {
    return new Begun(in.readIntLE(), in.readLongLE(), in.readByte() != 0);
  }
}
