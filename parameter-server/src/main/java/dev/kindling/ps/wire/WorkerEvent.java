package dev.kindling.ps.wire;

import dev.kindling.ps.Worker;
import io.netty.buffer.ByteBuf;

/**
 * Something that happened to a worker, for the run's driver.
 *
 * @param kind what happened
 * @param worker to whom
 * @param text the error of one that failed, or what is known of a slow one; else empty
 */
public record WorkerEvent(Kind kind, Worker worker, String text) implements Message {
  /** What happened. */
  public enum Kind {
    /** It is the first of a new start of the workers. */
    BEGAN,
    /** It has its place. */
    JOINED,
    /** It reports an error that starting it again would not mend. */
    FAILED,
    /** It is a primary's standby, and has all that the primary has. */
    STANDS_BY,
    /** It is a primary's standby, and was lost. */
    STANDBY_LOST,
    /** The others wait for it. */
    SLOW
  }

  @Override
  public MessageType type() {
    return MessageType.WORKER_EVENT;
  }

  @Override
  public int bodyLength() {
    return 1
        + 3 * Integer.BYTES
        + Fields.textLength(Fields.utf8(worker.name()))
        + Fields.textLength(Fields.utf8(text));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeByte(kind.ordinal());
    Fields.writeWorker(worker, out);
    Fields.writeText(Fields.utf8(text), out);
  }

  static WorkerEvent decode(ByteBuf in) {
    Kind kind = Fields.readEnum(in, Kind.values());
    return new WorkerEvent(kind, Fields.readWorker(in), Fields.readText(in));
  }
}
