package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;

/** The messages by their number on the wire. */
public enum MessageType {
  /** See {@link Hello}. */
  HELLO(1, Phase.HANDSHAKE, (in, e) -> Hello.decode(in)),
  /** See {@link Challenge}. */
  CHALLENGE(2, Phase.HANDSHAKE, (in, e) -> Challenge.decode(in)),
  /** See {@link Proof}. */
  PROOF(3, Phase.HANDSHAKE, (in, e) -> Proof.decode(in)),
  /** See {@link Welcome}. */
  WELCOME(4, Phase.HANDSHAKE, (in, e) -> Welcome.decode(in)),
  /** See {@link Refused}. */
  REFUSED(5, Phase.HANDSHAKE, (in, e) -> Refused.decode(in)),
  /** See {@link Join}. */
  JOIN(6, Phase.TRUSTED, (in, e) -> Join.decode(in)),
  /** See {@link Joined}. */
  JOINED(7, Phase.TRUSTED, (in, e) -> Joined.decode(in)),
  /** See {@link Pull}. */
  PULL(8, Phase.TRUSTED, (in, e) -> Pull.decode(in)),
  /** See {@link Push}. */
  PUSH(9, Phase.FLOATS, Push::decode),
  /** See {@link Values}. */
  VALUES(10, Phase.FLOATS, Values::decode),
  /** See {@link Reduce}. */
  REDUCE(11, Phase.VECTOR, (in, e) -> Reduce.decode(in)),
  /** See {@link Reduced}. */
  REDUCED(12, Phase.VECTOR, (in, e) -> Reduced.decode(in)),
  /** See {@link Report}. */
  REPORT(13, Phase.TRUSTED, (in, e) -> Report.decode(in)),
  /** See {@link Failed}. */
  FAILED(14, Phase.TRUSTED, (in, e) -> Failed.decode(in)),
  /** See {@link Alive}. */
  ALIVE(15, Phase.TRUSTED, (in, e) -> Alive.decode(in)),
  /** See {@link Begin}. */
  BEGIN(32, Phase.TRUSTED, (in, e) -> Begin.decode(in)),
  /** See {@link Begun}. */
  BEGUN(33, Phase.TRUSTED, (in, e) -> Begun.decode(in)),
  /** See {@link Status}. */
  STATUS(34, Phase.TRUSTED, (in, e) -> Status.decode(in)),
  /** See {@link WorkerEvent}. */
  WORKER_EVENT(35, Phase.TRUSTED, (in, e) -> WorkerEvent.decode(in)),
  /** See {@link Save}. */
  SAVE(36, Phase.TRUSTED, (in, e) -> Save.decode(in)),
  /** See {@link Saved}. */
  SAVED(37, Phase.TRUSTED, (in, e) -> Saved.decode(in)),
  /** See {@link End}. */
  END(38, Phase.TRUSTED, (in, e) -> End.decode(in)),
  /** See {@link Promote}. */
  PROMOTE(39, Phase.TRUSTED, (in, e) -> Promote.decode(in)),
  /** See {@link Replicate}. */
  REPLICATE(40, Phase.TRUSTED, (in, e) -> Replicate.decode(in)),
  /** See {@link Norms}. */
  NORMS(41, Phase.TRUSTED, (in, e) -> Norms.decode(in)),
  /** See {@link Dropped}. */
  DROPPED(16, Phase.TRUSTED, (in, e) -> Dropped.decode(in)),
  /** See {@link PullRows}. */
  PULL_ROWS(17, Phase.TRUSTED, (in, e) -> PullRows.decode(in)),
  /** See {@link Rows}. */
  ROWS(18, Phase.TRUSTED, (in, e) -> Rows.decode(in)),
  /** See {@link PushRows}. */
  PUSH_ROWS(19, Phase.TRUSTED, (in, e) -> PushRows.decode(in)),
  /** See {@link HandOver}. */
  HAND_OVER(20, Phase.FLOATS, HandOver::decode);

  private enum Phase {
    HANDSHAKE,
    TRUSTED,
    VECTOR,
    FLOATS
  }

  private interface Decoder {
    Message decode(ByteBuf body, FloatEncoding encoding);
  }

  private static final MessageType[] BY_CODE = new MessageType[1 << Byte.SIZE];

  static {
    for (MessageType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final Phase phase;
  private final Decoder decoder;

  MessageType(int code, Phase phase, Decoder decoder) {
    this.code = code;
    this.phase = phase;
    this.decoder = decoder;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** Whether it may come before both sides know each other. */
  public boolean isHandshake() {
    return phase == Phase.HANDSHAKE;
  }

  /** Whether floats follow the body. */
  public boolean hasFloats() {
    return phase == Phase.FLOATS;
  }

  /** Whether it carries sums of metrics, of which a large model has many. */
  public boolean hasVector() {
    return phase == Phase.VECTOR;
  }

  /** Bytes between the header and the floats. */
  public int floatBodyLength() {
    return switch (this) {
      case PUSH -> Push.BODY;
      case HAND_OVER -> HandOver.BODY;
      default -> Values.BODY;
    };
  }

  /** The type of that number; a {@link WireException} if there is none. */
  public static MessageType of(int code) {
    if (code < 0 || code >= BY_CODE.length || BY_CODE[code] == null) {
      throw new WireException("message type " + code + " is unknown");
    }
    return BY_CODE[code];
  }

  /**
   * Reads a body; a {@link WireException} if it is too short, too long or holds what cannot be.
   *
   * @param body the bytes after the header, without floats
   */
  public Message decode(ByteBuf body, FloatEncoding encoding) {
    int length = body.readableBytes();
    try {
      Message message = decoder.decode(body, encoding);
      if (body.isReadable()) {
        throw new WireException("%s: %d bytes are left over".formatted(this, body.readableBytes()));
      }
      return message;
    } catch (IndexOutOfBoundsException e) {
      throw new WireException("%s: a body of %d bytes is too short".formatted(this, length));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WireException("%s: %s".formatted(this, e.getMessage()));
    }
  }
}
