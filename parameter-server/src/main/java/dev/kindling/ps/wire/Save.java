package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/** The driver asks for a checkpoint as soon as possible. */
public record Save() implements Message {
  @Override
  public MessageType type() {
    return MessageType.SAVE;
  }

  @Override
  public int bodyLength() {
    return 0;
  }

  @Override
  public void encodeBody(ByteBuf out) {}

  static Save decode(ByteBuf in) {
    return new Save();
  }
}
