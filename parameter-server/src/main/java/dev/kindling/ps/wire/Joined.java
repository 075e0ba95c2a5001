package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The worker has its place; pushes carry this incarnation and term from now on.
 *
 * @param incarnation the worker's
 * @param term of the shards
 * @param step the smallest version over the buckets of this server
 */
public record Joined(int incarnation, int term, long step) implements Message {
  @Override
  public MessageType type() {
    return MessageType.JOINED;
  }

  @Override
  public int bodyLength() {
    return 2 * Integer.BYTES + Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(incarnation);
    out.writeIntLE(term);
    out.writeLongLE(step);
  }

  static Joined decode(ByteBuf in) {
    return new Joined(in.readIntLE(), in.readIntLE(), in.readLongLE());
  }
}
