package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * A worker's error that starting it again would not mend.
 *
 * @param text what, where and why
 */
public record Failed(String text) implements Message {
  @Override
  public MessageType type() {
    return MessageType.FAILED;
  }

  @Override
  public int bodyLength() {
    return Fields.textLength(Fields.utf8(text));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    Fields.writeText(Fields.utf8(text), out);
  }

  static Failed decode(ByteBuf in) {
    return new Failed(Fields.readText(in));
  }
}
