package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The driver stops its run.
 *
 * @param text why, for the workers; empty when the run is over and the server shall let go of it
 */
public record End(String text) implements Message {
  @Override
  public MessageType type() {
    return MessageType.END;
  }

  @Override
  public int bodyLength() {
    return Fields.textLength(Fields.utf8(text));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    Fields.writeText(Fields.utf8(text), out);
  }

  static End decode(ByteBuf in) {
    return new End(Fields.readText(in));
  }
}
