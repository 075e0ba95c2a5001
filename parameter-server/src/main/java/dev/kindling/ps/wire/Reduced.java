package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The sum over all replicas.
 *
 * @param key names the sum
 * @param vector the sums
 */
public record Reduced(long key, double[] vector) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Reduced that && key == that.key && Arrays.equals(vector, that.vector);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(key) + Arrays.hashCode(vector);
  }

  @Override
  public String toString() {
    return "reduced key %d, %d numbers".formatted(key, vector.length);
  }

  @Override
  public MessageType type() {
    return MessageType.REDUCED;
  }

  @Override
  public int bodyLength() {
    return Long.BYTES + Fields.vectorLength(vector);
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(key);
    Fields.writeVector(vector, out);
  }

  static Reduced decode(ByteBuf in) {
    return new Reduced(in.readLongLE(), Fields.readVector(in));
  }
}
