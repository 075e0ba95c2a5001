package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * A primary hands one vector of a bucket to a standby that has nothing yet: the values of a version
 * or a vector of the optimizer's state, always as float32.
 *
 * @param term of the shards
 * @param bucket which piece of the flat vector
 * @param vector 0 for the values, n for the n-th vector of the optimizer's state
 * @param version steps applied
 * @param encoding how the floats travel
 * @param floats the bucket's part of the vector
 */
public record HandOver(
    int term, int bucket, int vector, long version, FloatEncoding encoding, Floats floats)
    implements FloatMessage {
  /** Bytes of the body without floats. */
  static final int BODY = 3 * Integer.BYTES + Long.BYTES;

  /** Exact floats. */
  public HandOver(int term, int bucket, int vector, long version, Floats floats) {
    this(term, bucket, vector, version, FloatEncoding.FLOAT32, floats);
  }

  @Override
  public HandOver with(Floats arrived) {
    return new HandOver(term, bucket, vector, version, encoding, arrived);
  }

  @Override
  public MessageType type() {
    return MessageType.HAND_OVER;
  }

  @Override
  public int bodyLength() {
    return BODY;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(term);
    out.writeIntLE(bucket);
    out.writeIntLE(vector);
    out.writeLongLE(version);
  }

  static HandOver decode(ByteBuf in, FloatEncoding encoding) {
    return new HandOver(
        in.readIntLE(), in.readIntLE(), in.readIntLE(), in.readLongLE(), encoding, Floats.NONE);
  }
}
