package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The worker knows the secret: a MAC over its role, the {@link Hello} and the {@link Challenge}.
 *
 * @param mac HMAC-SHA256, 32 bytes
 */
public record Proof(byte[] mac) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Proof that && Arrays.equals(mac, that.mac);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(mac);
  }

  @Override
  public String toString() {
    return "proof";
  }

  @Override
  public MessageType type() {
    return MessageType.PROOF;
  }

  @Override
  public int bodyLength() {
    return Fields.HASH;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeBytes(mac);
  }

  static Proof decode(ByteBuf in) {
    return new Proof(Fields.readHash(in));
  }
}
