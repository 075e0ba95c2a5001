package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The driver tells a primary where its standby is.
 *
 * @param host name or address; empty where there is none any more, and the primary goes on alone
 * @param port TCP port
 */
public record Replicate(String host, int port) implements Message {
  /** There is no standby any more. */
  public static final Replicate ALONE = new Replicate("", 0);

  @Override
  public MessageType type() {
    return MessageType.REPLICATE;
  }

  @Override
  public int bodyLength() {
    return Integer.BYTES + Fields.textLength(Fields.utf8(host));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    Fields.writeText(Fields.utf8(host), out);
    out.writeIntLE(port);
  }

  static Replicate decode(ByteBuf in) {
    return new Replicate(Fields.readText(in), in.readIntLE());
  }
}
