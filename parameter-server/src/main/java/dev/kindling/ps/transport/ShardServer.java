package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.wire.Begin;
import io.netty.bootstrap.ServerBootstrap;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Listens for workers and drivers. Thread-safe. */
public final class ShardServer implements AutoCloseable {
  private static final int NONCE = 32;
  private static final int BACKLOG = 1024;

  private final Reception reception;
  private final Secret secret;
  private final SocketOptions options;
  private final ServerTls tls;
  private final Traffic traffic = new Traffic();
  private final SecureRandom random = new SecureRandom();
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final EventLoopGroup acceptor;
  private final EventLoopGroup workers;
  private final Channel channel;

  /**
   * Starts to listen for the workers of one run.
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
    this(
        new OneRun(shards.run().id(), new RunConnections(shards)),
        secret,
        host,
        port,
        Runtime.getRuntime().availableProcessors(),
        options,
        tls);
  }

  /**
   * Starts to listen.
   *
   * @param reception whom workers and drivers are led to
   * @param port 0 for any free one
   * @param threads that serve connections
   * @param tls the server's certificate and key; null for connections without TLS
   * @throws ParameterServerException if the port is taken
   */
  public ShardServer(
      Reception reception,
      Secret secret,
      String host,
      int port,
      int threads,
      SocketOptions options,
      ServerTls tls) {
    this.reception = reception;
    this.secret = secret;
    this.options = options;
    this.tls = tls;
    EventLoops loops = EventLoops.best();
    acceptor = loops.create(1, "kindling-accept");
    workers = loops.create(threads, "kindling-shard");
    channel = bind(loops, host, port);
  }

  /** A server that holds one run, its driver's own. */
  private record OneRun(String id, RunConnections connections) implements Reception {
    @Override
    public RunConnections run(String asked) {
      if (!asked.equals(id)) {
        throw new ParameterServerException(
            Reason.PROTOCOL,
            "a worker belongs to run %s; this server trains run %s".formatted(asked, id));
      }
      return connections;
    }

    @Override
    public DriverSession begin(Begin begin, Caller caller) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "this server trains run %s alone; for external servers start: kindling server"
              .formatted(id));
    }
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
            .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, new FrameSizes())
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
    ServerConnection connection = new ServerConnection(reception, child, options.endMillis());
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
            new TrafficCounter(traffic),
            decoder,
            new MessageEncoder(tls == null),
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

  /** What went through its connections. */
  public Traffic traffic() {
    return traffic;
  }

  /** Connections that are open. */
  public int connections() {
    return connections.size();
  }

  /** Bytes that wait to leave, over all connections. */
  public long bytesWaiting() {
    return connections.stream().mapToLong(ServerConnection::bytesWaiting).sum();
  }

  /**
   * Stops listening and closes every connection once what was sent has left; those whose other side
   * does not read, all at the same time, within {@link SocketOptions#endMillis}.
   */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.endMillis());
    connections.forEach(ServerConnection::leave);
    connections.forEach(connection -> connection.awaitEnd(deadline));
    stopThreads();
  }

  private void stopThreads() {
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
