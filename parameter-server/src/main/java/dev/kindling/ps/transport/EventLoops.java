package dev.kindling.ps.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueEventLoopGroup;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadFactory;

/**
 * The threads and channel classes of one of Netty's transports: the native one where there is one.
 * Uses the event loop groups that Netty 4.1 and 4.2 share; 4.2 calls them deprecated.
 */
@SuppressWarnings("deprecation")
enum EventLoops {
  EPOLL(EpollServerSocketChannel.class, EpollSocketChannel.class) {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new EpollEventLoopGroup(threads, factory);
    }
  },
  KQUEUE(KQueueServerSocketChannel.class, KQueueSocketChannel.class) {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new KQueueEventLoopGroup(threads, factory);
    }
  },
  NIO(NioServerSocketChannel.class, NioSocketChannel.class) {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new NioEventLoopGroup(threads, factory);
    }
  };

  private final Class<? extends ServerChannel> serverChannel;
  private final Class<? extends Channel> channel;

  EventLoops(Class<? extends ServerChannel> serverChannel, Class<? extends Channel> channel) {
    this.serverChannel = serverChannel;
    this.channel = channel;
  }

  /** The best transport that this machine and class path offer. */
  static EventLoops best() {
    if (isAvailable("io.netty.channel.epoll.Epoll") && Epoll.isAvailable()) {
      return EPOLL;
    }
    return isAvailable("io.netty.channel.kqueue.KQueue") && KQueue.isAvailable() ? KQUEUE : NIO;
  }

  /** The classes of a native transport may be missing. */
  private static boolean isAvailable(String className) {
    try {
      Class.forName(className, false, EventLoops.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  abstract EventLoopGroup create(int threads, ThreadFactory factory);

  /** Daemon threads of that name. */
  EventLoopGroup create(int threads, String name) {
    return create(threads, new DefaultThreadFactory(name, true));
  }

  Class<? extends ServerChannel> serverChannel() {
    return serverChannel;
  }

  Class<? extends Channel> channel() {
    return channel;
  }
}
