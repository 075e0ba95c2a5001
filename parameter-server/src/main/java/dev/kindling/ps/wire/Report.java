package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * How far a worker is.
 *
 * @param step the step it computes or awaits
 * @param computeNanos time computing since it joined
 * @param exchangeNanos time waiting for values since it joined
 */
public record Report(long step, long computeNanos, long exchangeNanos) implements Message {
  @Override
  public MessageType type() {
    return MessageType.REPORT;
  }

  @Override
  public int bodyLength() {
    return 3 * Long.BYTES;
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeLongLE(step);
    out.writeLongLE(computeNanos);
    out.writeLongLE(exchangeNanos);
  }

  static Report decode(ByteBuf in) {
    return new Report(in.readLongLE(), in.readLongLE(), in.readLongLE());
  }
}
