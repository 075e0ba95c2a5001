package dev.kindling.ps.transport;

import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.MessageType;
import dev.kindling.ps.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Cuts the stream into messages. Floats go straight from the read buffer to where they belong,
 * without being collected first. Every length is checked before memory is taken; after the first
 * bad byte nothing more is read.
 *
 * <p>One per connection, on its event loop.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
  /** Longest frame before both sides know each other. */
  static final int STRANGER_CAP = 16 << 10;

  /** Longest frame without floats or a vector. */
  static final int FRIEND_CAP = 1 << 20;

  /** Longest frame with a vector. */
  static final int VECTOR_CAP = 16 << 20;

  private final ByteBuf header = Unpooled.buffer(Message.HEADER, Message.HEADER);
  private final FloatReader reader = new FloatReader();
  private FloatTargets targets;
  private MessageType type;
  private FloatEncoding encoding;
  private int frameLength;
  private int floats;
  private ByteBuf body;
  private FloatMessage arriving;
  private Floats target;
  private boolean broken;

  /** Both sides know each other: longer frames and floats may come. */
  void trust(FloatTargets floatTargets) {
    targets = floatTargets;
  }

  /** Drops all that is still to come. On the event loop. */
  void stop() {
    broken = true;
    drop();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !broken) {
        advance(context, in);
      }
    } catch (RuntimeException e) {
      stop();
      context.fireExceptionCaught(e);
    } finally {
      in.release();
    }
  }

  private void advance(ChannelHandlerContext context, ByteBuf in) {
    if (arriving != null) {
      reader.read(in);
    } else if (body != null) {
      in.readBytes(body, Math.min(in.readableBytes(), body.writableBytes()));
    } else {
      in.readBytes(header, Math.min(in.readableBytes(), header.writableBytes()));
      if (!header.isWritable()) {
        readHeader();
      }
    }
    finish(context);
  }

  private void readHeader() {
    frameLength = header.readIntLE();
    type = MessageType.of(header.readUnsignedByte());
    int format = header.readUnsignedByte();
    int tail = header.readUnsignedShortLE();
    header.clear();
    encoding = FloatEncoding.of(format, tail);
    checkHeader();
    int bodyLength = frameLength - Message.HEADER;
    int fixed = type.hasFloats() ? floatBody(bodyLength) : bodyLength;
    body = Unpooled.buffer(fixed, fixed);
  }

  private void checkHeader() {
    if (!type.hasFloats() && !encoding.equals(FloatEncoding.FLOAT32)) {
      throw new WireException(
          "%s has no floats, but its header tells of %s".formatted(type, encoding));
    }
    if (targets == null && !type.isHandshake()) {
      throw new WireException(type + " came before the handshake was over");
    }
    if (frameLength < Message.HEADER) {
      throw new WireException(
          "%s: a frame of %d bytes is shorter than its header".formatted(type, frameLength));
    }
    int cap = cap();
    if (!type.hasFloats() && frameLength > cap) {
      throw new WireException(
          "%s: a frame of %d bytes; at most %d are read".formatted(type, frameLength, cap));
    }
  }

  private int cap() {
    if (targets == null) {
      return STRANGER_CAP;
    }
    return type.hasVector() ? VECTOR_CAP : FRIEND_CAP;
  }

  private int floatBody(int bodyLength) {
    int fixed = type.floatBodyLength();
    if (bodyLength < fixed) {
      throw new WireException(
          "%s: a body of %d bytes does not hold whole floats".formatted(type, bodyLength));
    }
    floats = encoding.length(bodyLength - fixed);
    return fixed;
  }

  private void finish(ChannelHandlerContext context) {
    if (body != null && !body.isWritable()) {
      Message message = type.decode(body, encoding);
      body = null;
      if (message instanceof FloatMessage opened) {
        open(opened);
      } else {
        context.fireChannelRead(message);
      }
    }
    if (arriving != null && reader.isDone()) {
      FloatMessage message = arriving;
      Floats done = target;
      arriving = null;
      target = null;
      if (done != null) {
        context.fireChannelRead(message.with(done));
      }
    }
  }

  private void open(FloatMessage message) {
    target = targets.open(message, floats);
    arriving = message;
    reader.begin(target, encoding, floats);
  }

  private void drop() {
    if (target != null) {
      targets.cancel(target);
    }
    target = null;
    arriving = null;
    body = null;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop();
    context.fireChannelInactive();
  }
}
