package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * What a server has found out about the gradient of one of its buckets, for the other servers of
 * the run; the driver passes it on.
 *
 * @param version that the gradient was computed on
 * @param phase counts what the rule measures, from 0
 * @param bucket whose sum over all replicas is complete
 * @param isFinite whether that holds neither NaN nor infinity
 * @param parts what was measured, piece by piece; empty where there is nothing to measure
 */
public record Norms(long version, int phase, int bucket, boolean isFinite, double[] parts)
    implements Message {

  @Override
  public boolean equals(Object other) {
    return other instanceof Norms that
        && version == that.version
        && phase == that.phase
        && bucket == that.bucket
        && isFinite == that.isFinite
        && Arrays.equals(parts, that.parts);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(version) + Arrays.hashCode(parts);
  }

  @Override
  public String toString() {
    return "norms of bucket %d at version %d, phase %d, %d numbers"
        .formatted(bucket, version, phase, parts.length);
  }

  @Override
  public MessageType type() {
    return MessageType.NORMS;
  }

  @Override
  public int bodyLength() {
    return Long.BYTES + Byte.BYTES + Integer.BYTES + Byte.BYTES + Fields.vectorLength(parts);
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(version);
    out.writeByte(phase);
    out.writeIntLE(bucket);
    out.writeByte(isFinite ? 1 : 0);
    Fields.writeVector(parts, out);
  }

  static Norms decode(ByteBuf in) {
    return new Norms(
        in.readLongLE(),
        in.readUnsignedByte(),
        in.readIntLE(),
        in.readByte() != 0,
        Fields.readVector(in));
  }
}
