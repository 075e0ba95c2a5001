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
  EPOLL {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new EpollEventLoopGroup(threads, factory);
    }

    @Override
    Class<? extends ServerChannel> serverChannel() {
      return EpollServerSocketChannel.class;
    }

    @Override
    Class<? extends Channel> channel() {
      return EpollSocketChannel.class;
    }
  },
  KQUEUE {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new KQueueEventLoopGroup(threads, factory);
    }

    @Override
    Class<? extends ServerChannel> serverChannel() {
      return KQueueServerSocketChannel.class;
    }

    @Override
    Class<? extends Channel> channel() {
      return KQueueSocketChannel.class;
    }
  },
  NIO {
    @Override
    EventLoopGroup create(int threads, ThreadFactory factory) {
      return new NioEventLoopGroup(threads, factory);
    }

    @Override
    Class<? extends ServerChannel> serverChannel() {
      return NioServerSocketChannel.class;
    }

    @Override
    Class<? extends Channel> channel() {
      return NioSocketChannel.class;
    }
  };

  /** The best transport that this machine and class path offer. */
  static EventLoops best() {
    if (isAvailable("io.netty.channel.epoll.Epoll") && Epoll.isAvailable()) {
      return EPOLL;
    }
    return isAvailable("io.netty.channel.kqueue.KQueue") && KQueue.isAvailable() ? KQUEUE : NIO;
  }

  /** The classes of a native transport may be missing: nothing but its own constant names them. */
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

  abstract Class<? extends ServerChannel> serverChannel();

  abstract Class<? extends Channel> channel();
}
