package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A vector to be summed over all replicas: the part of the replicas [lo, hi).
 *
 * @param term of the shards it joined
 * @param key names the sum
 * @param lo first replica
 * @param hi one past the last
 * @param vector the sums over them
 */
public record Reduce(int term, long key, int lo, int hi, double[] vector) implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Reduce that
        && term == that.term
        && key == that.key
        && lo == that.lo
        && hi == that.hi
        && Arrays.equals(vector, that.vector);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(key) + Arrays.hashCode(vector);
  }

  @Override
  public String toString() {
    return "reduce key %d, replicas [%d, %d), %d numbers".formatted(key, lo, hi, vector.length);
  }

  @Override
  public MessageType type() {
    return MessageType.REDUCE;
  }

  @Override
  public int bodyLength() {
    return Long.BYTES + 3 * Integer.BYTES + Fields.vectorLength(vector);
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeLongLE(key);
    out.writeIntLE(lo);
    out.writeIntLE(hi);
    Fields.writeVector(vector, out);
  }

  static Reduce decode(ByteBuf in) {
    return new Reduce(
        in.readIntLE(), in.readLongLE(), in.readIntLE(), in.readIntLE(), Fields.readVector(in));
  }
}
