package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The server knows the secret too: a MAC over its role and the same two messages.
 *
 * @param mac HMAC-SHA256, 32 bytes
 */
public record Welcome(byte[] mac) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Welcome that && Arrays.equals(mac, that.mac);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(mac);
  }

  @Override
  public String toString() {
    return "welcome";
  }

  @Override
  public MessageType type() {
    return MessageType.WELCOME;
  }

  @Override
  public int bodyLength() {
    return Fields.HASH;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeBytes(mac);
  }

  static Welcome decode(ByteBuf in) {
    return new Welcome(Fields.readHash(in));
  }
}
