package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * The sums of a bucket over the replicas [lo, hi).
 *
 * @param incarnation the worker's
 * @param term of the shards
 * @param step counted from zero
 * @param bucket which piece of the flat vector
 * @param lo first replica
 * @param hi one past the last
 * @param age so many versions before the step's own are the values that they were computed with
 * @param weight samples, or the sum of their weights
 * @param encoding how the floats travel
 * @param floats the sums
 */
public record Push(
    int incarnation,
    int term,
    long step,
    int bucket,
    int lo,
    int hi,
    int age,
    double weight,
    FloatEncoding encoding,
    Floats floats)
    implements FloatMessage {
  /** Bytes of the body without floats. */
  static final int BODY = 6 * Integer.BYTES + 2 * Long.BYTES;

  /** Of the step's own version. */
  public Push(
      int incarnation,
      int term,
      long step,
      int bucket,
      int lo,
      int hi,
      double weight,
      FloatEncoding encoding,
      Floats floats) {
    this(incarnation, term, step, bucket, lo, hi, 0, weight, encoding, floats);
  }

  @Override
  public Push with(Floats arrived) {
    return new Push(incarnation, term, step, bucket, lo, hi, age, weight, encoding, arrived);
  }

  @Override
  public MessageType type() {
    return MessageType.PUSH;
  }

  @Override
  public int bodyLength() {
    return BODY;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(incarnation);
    out.writeIntLE(term);
    out.writeLongLE(step);
    out.writeIntLE(bucket);
    out.writeIntLE(lo);
    out.writeIntLE(hi);
    out.writeIntLE(age);
    out.writeDoubleLE(weight);
  }

  static Push decode(ByteBuf in, FloatEncoding encoding) {
    int incarnation = in.readIntLE();
    int term = in.readIntLE();
    long step = in.readLongLE();
    int bucket = in.readIntLE();
    int lo = in.readIntLE();
    int hi = in.readIntLE();
    int age = in.readIntLE();
    double weight = in.readDoubleLE();
    return new Push(incarnation, term, step, bucket, lo, hi, age, weight, encoding, Floats.NONE);
  }
}
