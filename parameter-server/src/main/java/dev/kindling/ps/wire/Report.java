package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * How far a worker is: the one that the connection belongs to, or one of those that share it.
 *
 * @param worker its name
 * @param lo first logical replica that it computes
 * @param hi one past its last
 * @param step the step it computes or awaits
 * @param computeNanos time computing since it joined
 * @param exchangeNanos time waiting for values since it joined
 */
public record Report(
    String worker, int lo, int hi, long step, long computeNanos, long exchangeNanos)
    implements Message {
  /** Checks the range. */
  public Report {
    if (lo < 0 || hi <= lo) {
      throw new IllegalArgumentException(
          "a report of %s: replicas [%d, %d) are no range".formatted(worker, lo, hi));
    }
  }

  @Override
  public MessageType type() {
    return MessageType.REPORT;
  }

  @Override
  public int bodyLength() {
    return 2 * Integer.BYTES + 3 * Long.BYTES + Fields.textLength(Fields.utf8(worker));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(lo);
    out.writeIntLE(hi);
    out.writeLongLE(step);
    out.writeLongLE(computeNanos);
    out.writeLongLE(exchangeNanos);
    Fields.writeText(Fields.utf8(worker), out);
  }

  static Report decode(ByteBuf in) {
    int lo = in.readIntLE();
    int hi = in.readIntLE();
    long step = in.readLongLE();
    long computeNanos = in.readLongLE();
    long exchangeNanos = in.readLongLE();
    return new Report(Fields.readText(in), lo, hi, step, computeNanos, exchangeNanos);
  }
}
