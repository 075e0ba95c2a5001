package dev.kindling.ps.transport;

import dev.kindling.ps.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Writes messages into pooled direct buffers; lets buffers pass. Keeps no state. */
@Sharable
final class MessageEncoder extends ChannelOutboundHandlerAdapter {
  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    context.write(message instanceof Message m ? encode(m, context.alloc()) : message, promise);
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
