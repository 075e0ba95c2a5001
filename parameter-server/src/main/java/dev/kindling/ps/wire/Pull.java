package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * A worker asks for the values of one bucket, or of all.
 *
 * @param term of the shards it joined
 * @param bucket which; {@link #ALL} for all of this server
 * @param version which version
 */
public record Pull(int term, int bucket, long version) implements Message {
  /** Every bucket, the first layer's first. */
  public static final int ALL = -1;

  @Override
  public MessageType type() {
    return MessageType.PULL;
  }

  @Override
  public int bodyLength() {
    return 2 * Integer.BYTES + Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeIntLE(bucket);
    out.writeLongLE(version);
  }

  static Pull decode(ByteBuf in) {
    return new Pull(in.readIntLE(), in.readIntLE(), in.readLongLE());
  }
}
