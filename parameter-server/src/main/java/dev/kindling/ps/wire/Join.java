package dev.kindling.ps.wire;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.Worker;
import io.netty.buffer.ByteBuf;

/**
 * A worker asks for its place in a run and says how it sees the run.
 *
 * @param run the run's id
 * @param worker who it is
 * @param replicas logical replicas of the run
 * @param bucketSize elements of a bucket
 * @param length elements of the flat vector
 * @param wire how it rounds what travels
 */
public record Join(
    String run, Worker worker, int replicas, int bucketSize, long length, FloatFormat wire)
    implements Message {
  @Override
  public MessageType type() {
    return MessageType.JOIN;
  }

  @Override
  public int bodyLength() {
    return 6 * Integer.BYTES
        + Long.BYTES
        + Fields.textLength(Fields.utf8(run))
        + Fields.textLength(Fields.utf8(worker.name()));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(worker.incarnation());
    out.writeIntLE(worker.lo());
    out.writeIntLE(worker.hi());
    out.writeIntLE(replicas);
    out.writeIntLE(bucketSize);
    out.writeIntLE(wire.ordinal());
    out.writeLongLE(length);
    Fields.writeText(Fields.utf8(run), out);
    Fields.writeText(Fields.utf8(worker.name()), out);
  }

  static Join decode(ByteBuf in) {
    int incarnation = in.readIntLE();
    int lo = in.readIntLE();
    int hi = in.readIntLE();
    int replicas = in.readIntLE();
    int bucketSize = in.readIntLE();
    FloatFormat wire = FloatEncoding.format(in.readIntLE());
    long length = in.readLongLE();
    String run = Fields.readText(in);
    Worker worker = new Worker(Fields.readText(in), lo, hi, incarnation);
    return new Join(run, worker, replicas, bucketSize, length, wire);
  }
}
