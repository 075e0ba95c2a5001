package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A worker opens a connection: the protocol versions it speaks and a nonce.
 *
 * @param oldest first version it speaks
 * @param newest last version it speaks
 * @param nonce 32 random bytes
 */
public record Hello(int oldest, int newest, byte[] nonce) implements Message {
  /** The bytes "KNDL", read as a little-endian number. */
  static final int MAGIC = 0x4C444E4B;

  @Override
  public boolean equals(Object other) {
    return other instanceof Hello that
        && oldest == that.oldest
        && newest == that.newest
        && Arrays.equals(nonce, that.nonce);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * oldest + newest) + Arrays.hashCode(nonce);
  }

  @Override
  public String toString() {
    return "hello, versions %d to %d".formatted(oldest, newest);
  }

  @Override
  public MessageType type() {
    return MessageType.HELLO;
  }

  @Override
  public int bodyLength() {
    return 2 * Integer.BYTES + Fields.HASH;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(MAGIC);
    out.writeShortLE(oldest);
    out.writeShortLE(newest);
    out.writeBytes(nonce);
  }

  static Hello decode(ByteBuf in) {
    int magic = in.readIntLE();
    if (magic != MAGIC) {
      throw new WireException("this is no Kindling worker: it begins with %08x".formatted(magic));
    }
    return new Hello(in.readUnsignedShortLE(), in.readUnsignedShortLE(), Fields.readHash(in));
  }
}
