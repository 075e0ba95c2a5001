package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/**
 * One frame's content. Immutable, apart from shared float arrays.
 *
 * <p>A frame is a header of {@value #HEADER} bytes (length of the whole frame, type, number of the
 * float encoding, length of its float32 tail; both zero where no floats follow), a body of fixed
 * layout, and in {@link Push} and {@link Values} the floats. All numbers are little-endian.
 */
public sealed interface Message
    permits Alive,
        Begin,
        Begun,
        Challenge,
        Dropped,
        End,
        FloatMessage,
        Failed,
        Hello,
        Join,
        Joined,
        Norms,
        Promote,
        Proof,
        Pull,
        PullRows,
        PushRows,
        Reduce,
        Reduced,
        Replicate,
        Refused,
        Report,
        Rows,
        Save,
        Saved,
        Status,
        Welcome,
        WorkerEvent {
  /** Bytes of a frame's header. */
  int HEADER = 8;

  /** Which message this is. */
  MessageType type();

  /** Bytes of the body, without header and floats. */
  int bodyLength();

  /** Writes the body. */
  void encodeBody(ByteBuf out);

  /** Bytes of the whole frame. */
  default long frameLength() {
    return (long) HEADER + bodyLength();
  }

  /** Writes the whole frame, but for the floats. */
  default void encode(ByteBuf out) {
    out.writeIntLE((int) frameLength());
    out.writeByte(type().code());
    out.writeByte(FloatEncoding.FLOAT32.code());
    out.writeShortLE(0);
    encodeBody(out);
  }
}
