package dev.kindling.ps.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;

/** The event loop that serves a worker's connections. Thread-safe. */
public final class ClientThreads implements AutoCloseable {
  private final EventLoops loops = EventLoops.best();
  private final EventLoopGroup group = loops.create(1, "kindling-client");

  EventLoopGroup group() {
    return group;
  }

  Class<? extends Channel> channel() {
    return loops.channel();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
