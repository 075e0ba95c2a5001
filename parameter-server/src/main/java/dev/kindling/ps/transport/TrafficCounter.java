package dev.kindling.ps.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;

/** Counts the bytes of one connection. */
final class TrafficCounter extends ChannelDuplexHandler {
  private final Traffic traffic;

  TrafficCounter(Traffic traffic) {
    this.traffic = traffic;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      traffic.received(bytes.readableBytes());
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      traffic.sent(bytes.readableBytes());
    } else if (message instanceof FileRegion frame) {
      traffic.sent(frame.count());
    }
    context.write(message, promise);
  }
}
