package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.shard.FloatPool;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Reduced;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Listens for workers and tells them of new values. Thread-safe. */
public final class ShardServer implements ShardListener, AutoCloseable {
  private static final int NONCE = 32;
  private static final int BACKLOG = 1024;

  private final ShardGroup shards;
  private final Secret secret;
  private final SocketOptions options;
  private final ServerTls tls;
  private final FloatPool pool;
  private final SecureRandom random = new SecureRandom();
  private final List<ServerConnection> connections = new CopyOnWriteArrayList<>();
  private final EventLoopGroup acceptor;
  private final EventLoopGroup workers;
  private final Channel channel;

  /**
   * Starts to listen.
   *
   * @param port 0 for any free one
   * @param tls the server's certificate and key; null for connections without TLS
   * @throws ParameterServerException if the port is taken
   */
  public ShardServer(
      ShardGroup shards,
      Secret secret,
      String host,
      int port,
      SocketOptions options,
      ServerTls tls) {
    this.shards = shards;
    this.secret = secret;
    this.options = options;
    this.tls = tls;
    this.pool = new FloatPool(shards.run().buckets().size());
    EventLoops loops = EventLoops.best();
    acceptor = loops.create(1, "kindling-accept");
    workers = loops.create(Runtime.getRuntime().availableProcessors(), "kindling-shard");
    channel = bind(loops, host, port);
    shards.listen(this);
  }

  private Channel bind(EventLoops loops, String host, int port) {
    WriteBufferWaterMark marks =
        new WriteBufferWaterMark(options.lowWatermark(), options.highWatermark());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(acceptor, workers)
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, marks)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel child) {
                    accept(child);
                  }
                })
            .bind(host, port)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stopThreads();
      throw new ParameterServerException(
          Reason.PORT,
          "the parameter server cannot listen on %s:%d: %s; choose another servers.port, or 0 for any free one"
              .formatted(host, port, bound.cause().getMessage()),
          bound.cause());
    }
    return bound.channel();
  }

  private void accept(Channel child) {
    ServerConnection connection = new ServerConnection(shards, pool, child);
    FrameDecoder decoder = new FrameDecoder();
    ServerHandshake handshake =
        new ServerHandshake(
            secret, this::nonce, options.handshakeMillis(), () -> decoder.trust(connection));
    if (tls != null) {
      SslHandler security = tls.handler(child.alloc());
      security.setHandshakeTimeoutMillis(options.handshakeMillis());
      child.pipeline().addLast(security);
    }
    child
        .pipeline()
        .addLast(
            new IdleStateHandler(
                options.silenceMillis(), options.aliveMillis(), 0, TimeUnit.MILLISECONDS),
            decoder,
            new MessageEncoder(),
            handshake,
            connection);
    connections.add(connection);
    child.closeFuture().addListener(closed -> connections.remove(connection));
  }

  private byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    random.nextBytes(nonce);
    return nonce;
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** Sends the new values to every worker of the newest start; encoded once. */
  @Override
  public void released(int bucket, long version) {
    Map<FloatEncoding, ByteBuf> frames = new EnumMap<>(FloatEncoding.class);
    for (ServerConnection connection : connections) {
      if (connection.isCurrent()) {
        connection.send(
            frames.computeIfAbsent(
                connection.encoding(), encoding -> frame(bucket, version, encoding)));
      }
    }
    frames.values().forEach(ByteBuf::release);
  }

  private ByteBuf frame(int bucket, long version, FloatEncoding encoding) {
    Message values = ShardSession.values(shards, bucket, version, encoding);
    return MessageEncoder.encode(values, channel.alloc());
  }

  @Override
  public void reduced(long key, double[] result) {
    connections.forEach(connection -> connection.tell(new Reduced(key, result)));
  }

  @Override
  public void began(int incarnation) {
    connections.forEach(connection -> connection.refuseIfStale(incarnation));
  }

  @Override
  public void aborted(ParameterServerException cause) {
    connections.forEach(connection -> connection.refuse(cause.reason(), cause.getMessage(), null));
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    connections.forEach(ServerConnection::close);
    stopThreads();
  }

  private void stopThreads() {
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
