package dev.kindling.ps.transport;

import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Writes messages into pooled direct buffers, long ones piece by piece; lets buffers pass.
 * Immutable.
 */
@Sharable
final class MessageEncoder extends ChannelOutboundHandlerAdapter {
  private final boolean isPlain;

  /**
   * An encoder.
   *
   * @param isPlain whether what it writes goes straight to the socket, not through TLS
   */
  MessageEncoder(boolean isPlain) {
    this.isPlain = isPlain;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (isPlain && message instanceof FloatMessage f && FloatFrame.isWorthwhile(f)) {
      context.write(new FloatFrame(f, context.alloc()), promise);
    } else {
      context.write(message instanceof Message m ? encode(m, context.alloc()) : message, promise);
    }
  }

  /** The whole frame in a buffer of exactly its length. */
  static ByteBuf encode(Message message, ByteBufAllocator allocator) {
    int length = Math.toIntExact(message.frameLength());
    ByteBuf frame = allocator.directBuffer(length, length);
    try {
      message.encode(frame);
      return frame;
    } catch (RuntimeException | Error e) {
      frame.release();
      throw e;
    }
  }
}
