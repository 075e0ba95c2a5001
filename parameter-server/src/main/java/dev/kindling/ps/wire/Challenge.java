package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The server answers: the version both speak and a nonce of its own.
 *
 * @param version the protocol version from here on
 * @param nonce 32 random bytes
 */
public record Challenge(int version, byte[] nonce) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Challenge that
        && version == that.version
        && Arrays.equals(nonce, that.nonce);
  }

  @Override
  public int hashCode() {
    return 31 * version + Arrays.hashCode(nonce);
  }

  @Override
  public String toString() {
    return "challenge, version " + version;
  }

  @Override
  public MessageType type() {
    return MessageType.CHALLENGE;
  }

  @Override
  public int bodyLength() {
    return Integer.BYTES + Fields.HASH;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(version);
    out.writeBytes(nonce);
  }

  static Challenge decode(ByteBuf in) {
    return new Challenge(in.readIntLE(), Fields.readHash(in));
  }
}
