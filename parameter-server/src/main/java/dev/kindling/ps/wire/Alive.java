package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/** Nothing to say, but still there; sent both ways on a silent connection. */
public record Alive() implements Message {
  @Override
  public MessageType type() {
    return MessageType.ALIVE;
  }

  @Override
  public int bodyLength() {
    return 0;
  }

  @Override
  public void encodeBody(ByteBuf out) {}

  static Alive decode(ByteBuf in) {
    return new Alive();
  }
}
