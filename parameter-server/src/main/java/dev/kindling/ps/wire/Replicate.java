package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The driver tells a primary where its standby is.
 *
 * @param host name or address; empty where there is none any more, and the primary goes on alone
 * @param port TCP port
 * @param trusted certificates that the standby's is checked against, in PEM; empty for a connection
 *     without TLS
 */
public record Replicate(String host, int port, String trusted) implements Message {
  /** There is no standby any more. */
  public static final Replicate ALONE = new Replicate("", 0, "");

  @Override
  public MessageType type() {
    return MessageType.REPLICATE;
  }

  @Override
  public int bodyLength() {
    return 2 * Integer.BYTES + Fields.textLength(Fields.utf8(host)) + trusted.length();
  }

  @Override
  public void encodeBody(ByteBuf out) {
    Fields.writeText(Fields.utf8(host), out);
    out.writeIntLE(port);
    Fields.writePem(trusted, out);
  }

  static Replicate decode(ByteBuf in) {
    return new Replicate(Fields.readText(in), in.readIntLE(), Fields.readPem(in));
  }
}
