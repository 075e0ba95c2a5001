package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The values of a bucket at a version: the answer to a pull, and to a push once it is applied.
 *
 * @param term of the shards
 * @param bucket which piece of the flat vector
 * @param version steps applied; {@link #ASKED_FOR} in the answer to a driver's pull
 * @param encoding how the floats travel
 * @param floats the values
 */
public record Values(int term, int bucket, long version, FloatEncoding encoding, Floats floats)
    implements FloatMessage {
  /**
   * What a driver has asked for, at whatever version: it is told of evaluated versions unasked, and
   * may hear of one after it has asked.
   */
  public static final long ASKED_FOR = -1;

  /** Bytes of the body without floats. */
  static final int BODY = 2 * Integer.BYTES + Long.BYTES;

  @Override
  public Values with(Floats arrived) {
    return new Values(term, bucket, version, encoding, arrived);
  }

  @Override
  public MessageType type() {
    return MessageType.VALUES;
  }

  @Override
  public int bodyLength() {
    return BODY;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeIntLE(bucket);
    out.writeLongLE(version);
  }

  static Values decode(ByteBuf in, FloatEncoding encoding) {
    return new Values(in.readIntLE(), in.readIntLE(), in.readLongLE(), encoding, Floats.NONE);
  }
}
