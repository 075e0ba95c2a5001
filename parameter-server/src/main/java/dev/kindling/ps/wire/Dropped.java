package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * A client of a federated round will not answer: nobody need wait for it.
 *
 * @param incarnation the worker's
 * @param term of the shards it joined
 * @param round counted from zero
 * @param client its number
 */
public record Dropped(int incarnation, int term, long round, int client) implements Message {
  @Override
  public MessageType type() {
    return MessageType.DROPPED;
  }

  @Override
  public int bodyLength() {
    return 3 * Integer.BYTES + Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(incarnation);
    out.writeIntLE(term);
    out.writeLongLE(round);
    out.writeIntLE(client);
  }

  static Dropped decode(ByteBuf in) {
    return new Dropped(in.readIntLE(), in.readIntLE(), in.readLongLE(), in.readIntLE());
  }
}
