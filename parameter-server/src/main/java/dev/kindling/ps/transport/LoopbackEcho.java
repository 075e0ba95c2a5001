package dev.kindling.ps.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the loopback carries at best: frames of zeros to a server on the same transport that sends
 * every byte back. The reference of the benchmarks.
 */
public final class LoopbackEcho implements AutoCloseable {
  private final int frames;
  private final int bytes;
  private final EventLoops loops = EventLoops.best();
  private final EventLoopGroup servers = loops.create(1, "kindling-echo");
  private final EventLoopGroup clients = loops.create(1, "kindling-echo-client");
  private final Semaphore returned = new Semaphore(0);
  private final Channel channel;

  /** Rounds of so many frames of so many bytes. */
  public LoopbackEcho(int frames, int bytes) throws InterruptedException {
    this.frames = frames;
    this.bytes = bytes;
    Channel server =
        new ServerBootstrap()
            .group(servers)
            .channel(loops.serverChannel())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(initializer(EchoHandler::new))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    channel =
        new Bootstrap()
            .group(clients)
            .channel(loops.channel())
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(initializer(CountingHandler::new))
            .connect(server.localAddress())
            .sync()
            .channel();
  }

  private static ChannelInitializer<Channel> initializer(
      Supplier<ChannelInboundHandlerAdapter> handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel child) {
        child.pipeline().addLast(handler.get());
      }
    };
  }

  /** Sends all frames of a round, waits until all are back, and so on. */
  public void rounds(int count) throws InterruptedException {
    for (int round = 0; round < count; round++) {
      for (int frame = 0; frame < frames; frame++) {
        ByteBuf buffer = channel.alloc().directBuffer(bytes, bytes);
        buffer.writerIndex(bytes);
        channel.writeAndFlush(buffer, channel.voidPromise());
      }
      returned.acquire();
    }
  }

  @Override
  public void close() {
    clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    servers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static final class EchoHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }

  private final class CountingHandler extends ChannelInboundHandlerAdapter {
    private long arrived;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf buffer = (ByteBuf) message;
      arrived += buffer.readableBytes();
      buffer.release();
      if (arrived == (long) frames * bytes) {
        arrived = 0;
        returned.release();
      }
    }
  }
}
