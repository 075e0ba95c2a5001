package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.wire.Alive;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The worker's end of one connection. Thread-safe. */
public final class ClientConnection implements Outbox, AutoCloseable {
  private static final int NONCE = 32;

  private final Address address;
  private final Secret secret;
  private final SocketOptions options;
  private final Events events;
  private final SslContext security;
  private final Channel channel;

  /** What a connection tells; called by its event loop. */
  public interface Events {
    /** The handshake is over; messages may be sent. */
    void ready();

    /** Where arriving floats belong; null to drop them. */
    Floats target(Values header, int length);

    /** A message has arrived whole. */
    void received(Message message);

    /** What waits to leave has become less, or more. */
    void writabilityChanged();

    /** The connection is over; nothing else follows. */
    void closed(ParameterServerException cause);
  }

  /**
   * Connects, or throws.
   *
   * @param tls the certificates to trust; null for a connection without TLS
   * @throws ParameterServerException if nobody listens there
   */
  public ClientConnection(
      ClientThreads threads,
      Address address,
      Secret secret,
      ClientTls tls,
      SocketOptions options,
      Events events)
      throws InterruptedException {
    this.address = address;
    this.secret = secret;
    this.options = options;
    this.events = events;
    this.security = tls == null ? null : context(tls);
    ChannelFuture connected =
        new Bootstrap()
            .group(threads.group())
            .channel(threads.channel())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, options.connectMillis())
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(options.lowWatermark(), options.highWatermark()))
            .option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, new FrameSizes())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel child) {
                    prepare(child);
                  }
                })
            .connect(address.host(), address.port())
            .await();
    if (!connected.isSuccess()) {
      throw new ParameterServerException(
          Reason.UNREACHABLE,
          "no parameter server answers at %s: %s; is it up, and is the port open between the two machines?"
              .formatted(address, connected.cause().getMessage()),
          connected.cause());
    }
    channel = connected.channel();
  }

  private static SslContext context(ClientTls tls) {
    try {
      return tls.context();
    } catch (SSLException | IllegalArgumentException e) {
      throw new ParameterServerException(
          Reason.AUTHENTICATION, "the trusted certificates cannot be used: " + e.getMessage(), e);
    }
  }

  private void prepare(Channel child) {
    if (security != null) {
      child.pipeline().addLast(ClientTls.handler(security, child.alloc(), address));
    }
    byte[] nonce = new byte[NONCE];
    new SecureRandom().nextBytes(nonce);
    FrameDecoder decoder = new FrameDecoder();
    Receiver receiver = new Receiver();
    ClientHandshake handshake =
        new ClientHandshake(
            secret,
            nonce,
            () -> {
              decoder.trust(receiver);
              events.ready();
            });
    child
        .pipeline()
        .addLast(
            new IdleStateHandler(
                options.silenceMillis(), options.aliveMillis(), 0, TimeUnit.MILLISECONDS),
            decoder,
            new MessageEncoder(security == null),
            handshake,
            receiver);
  }

  @Override
  public void send(Message message) {
    channel.writeAndFlush(message, channel.voidPromise());
  }

  /** Whether less waits to leave than the high watermark. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /** Ends the connection once what was sent has left. */
  @Override
  public void close() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).awaitUninterruptibly();
    channel.close().awaitUninterruptibly();
  }

  /** The end of the pipeline. */
  private final class Receiver extends SimpleChannelInboundHandler<Message>
      implements FloatTargets {
    private ParameterServerException cause =
        new ParameterServerException(
            Reason.UNREACHABLE,
            "the parameter server at %s closed the connection; did its process end%s?"
                .formatted(address, security == null ? ", or does it want TLS" : ""));

    @Override
    public Floats open(FloatMessage header, int length) {
      if (header instanceof Values values) {
        return events.target(values, length);
      }
      throw new WireException("a server does not send " + header.type());
    }

    @Override
    public void cancel(Floats target) {
      // the place stays the worker's; the version was not announced
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Message message) {
      if (!(message instanceof Alive)) {
        events.received(message);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.executor().execute(events::writabilityChanged); // it comes in the middle of a send
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      events.closed(cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent idle) {
        if (idle.state() == IdleState.READER_IDLE) {
          fail(
              context,
              new ParameterServerException(
                  Reason.UNREACHABLE,
                  "nothing was heard from the parameter server at %s for %d ms"
                      .formatted(address, options.silenceMillis())));
        } else if (context.pipeline().get(ClientHandshake.class) == null) {
          send(new Alive());
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable error) {
      if (error instanceof ParameterServerException e) {
        fail(context, e);
      } else if (error instanceof DecoderException && error.getCause() instanceof SSLException e) {
        fail(
            context,
            new ParameterServerException(
                Reason.AUTHENTICATION,
                ("%s: no TLS 1.3 with this server: %s; does it use TLS, and is its certificate"
                        + " trusted and made out to this name?")
                    .formatted(address, e.getMessage()),
                e));
      } else if (error instanceof WireException e) {
        fail(
            context,
            new ParameterServerException(
                Reason.PROTOCOL, "%s: %s".formatted(address, e.getMessage()), e));
      } else {
        fail(
            context,
            new ParameterServerException(
                Reason.UNREACHABLE,
                "the connection to the parameter server at %s broke: %s"
                    .formatted(address, error.getMessage()),
                error));
      }
    }

    private void fail(ChannelHandlerContext context, ParameterServerException e) {
      cause = e;
      context.close();
    }
  }
}
