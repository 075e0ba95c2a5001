package dev.kindling.ps.wire;

import dev.kindling.ps.ParameterServerException.Reason;
import io.netty.buffer.ByteBuf;

/**
 * The server will not go on with this worker; it closes the connection afterwards.
 *
 * @param reason the kind of failure
 * @param text what, why and what to do
 */
public record Refused(Reason reason, String text) implements Message {
  @Override
  public MessageType type() {
    return MessageType.REFUSED;
  }

  @Override
  public int bodyLength() {
    return Integer.BYTES + Fields.textLength(Fields.utf8(text));
  }

  @Override
  public void encodeBody(ByteBuf out) {
    out.writeIntLE(reason.ordinal());
    Fields.writeText(Fields.utf8(text), out);
  }

  static Refused decode(ByteBuf in) {
    int reason = in.readIntLE();
    Reason[] known = Reason.values();
    if (reason < 0 || reason >= known.length) {
      throw new WireException("reason " + reason + " is unknown");
    }
    return new Refused(known[reason], Fields.readText(in));
  }
}
