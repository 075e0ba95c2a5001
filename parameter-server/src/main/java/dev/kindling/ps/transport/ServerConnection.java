package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Worker;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.wire.Alive;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of one connection: the session, and the close with a reason. */
final class ServerConnection extends SimpleChannelInboundHandler<Message>
    implements FloatTargets, Caller {
  private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

  private static final long LINGER_MILLIS = 2_000;

  private final Channel channel;
  private final Reception reception;
  private final int endMillis;
  private final AtomicBoolean refused = new AtomicBoolean();
  private volatile RunConnections run;
  private volatile ShardSession session;
  private volatile UnsentVersions unsent;
  private volatile DriverSession driver;

  /**
   * A connection that nobody has joined through.
   *
   * @param endMillis once it is to end, what waits to leave has so long
   */
  ServerConnection(Reception reception, Channel channel, int endMillis) {
    this.reception = reception;
    this.channel = channel;
    this.endMillis = endMillis;
  }

  @Override
  public void send(Message message) {
    write(message);
  }

  private void write(Object frame) {
    try {
      channel.writeAndFlush(frame, channel.voidPromise());
    } catch (RejectedExecutionException e) { // a buffer was released
      LOG.debug("{}: nothing is sent any more, the server has been closed", name());
    }
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  /** Whether this worker has to be told of new values. */
  boolean isCurrent() {
    ShardSession joined = session;
    return joined != null && joined.isCurrent() && !refused.get();
  }

  /** Sends a copy of a whole frame that others get too. */
  void send(ByteBuf frame) {
    write(frame.retainedDuplicate());
  }

  /**
   * The same, after all that other threads have sent: a write of the channel's own overtakes it.
   */
  void sendInTurn(ByteBuf frame) {
    ByteBuf copy = frame.retainedDuplicate();
    if (!execute(() -> channel.writeAndFlush(copy, channel.voidPromise()))) {
      copy.release();
    }
  }

  /**
   * Runs something on the connection's thread; returns false where that has ended, because the
   * server is being closed: nobody is there any more to be told.
   */
  private boolean execute(Runnable task) {
    try {
      channel.eventLoop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: nothing is sent any more, the server has been closed", name());
      return false;
    }
  }

  /** Whether this worker has brought its gradient for a bucket's version. */
  boolean hasPart(int bucket, long version) {
    return session.hasPart(bucket, version);
  }

  /** A bucket's new values were sent to this worker. */
  void answered(int bucket, long version) {
    unsent.sent(bucket, version);
    session.answered(bucket, version);
  }

  /** Sends a bucket's newest values once the connection takes more. */
  void sendLater(int bucket, long version) {
    unsent.due(bucket, version);
    execute(
        () -> {
          if (isCurrent()) {
            unsent.send(bucket, this);
          }
        });
  }

  /** It comes in the middle of a send. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.fireChannelWritabilityChanged();
    if (channel.isWritable() && isCurrent()) {
      execute(() -> unsent.sendAll(this));
    }
  }

  /** Sends a finished sum to a worker that waits for it. */
  void tell(Reduced result) {
    if (isCurrent() && session.awaits(result.key())) {
      send(result);
    }
  }

  @Override
  public Floats open(FloatMessage header, int length) {
    if (session != null && (header instanceof Push || header instanceof HandOver)) {
      return session.target(header, length);
    }
    if (driver != null && header instanceof Values values) {
      return driver.target(values, length);
    }
    throw unexpected(header);
  }

  @Override
  public void cancel(Floats target) {
    if (session != null) {
      session.cancel(target);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Message message) {
    if (session != null) {
      if (!(message instanceof Alive)) {
        session.receive(message);
      }
    } else if (driver != null) {
      if (!(message instanceof Alive)) {
        driver.receive(message);
      }
    } else if (message instanceof Join join) {
      run = reception.run(join.run());
      unsent = run.unsent();
      session = run.enter(this);
      session.receive(message);
    } else if (message instanceof Begin begin) {
      driver = reception.begin(begin, this);
    } else if (!(message instanceof Alive)) {
      throw unexpected(message);
    }
  }

  private WireException unexpected(Message message) {
    return new WireException(
        session == null && driver == null
            ? message.type() + ": the worker has not joined"
            : (session == null ? "a driver" : "a worker") + " does not send " + message.type());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (run != null) {
      run.leave(this);
    }
    if (driver != null) {
      driver.closed();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent idle) {
      if (idle.state() == IdleState.READER_IDLE) {
        long millis = context.pipeline().get(IdleStateHandler.class).getReaderIdleTimeInMillis();
        refuse(
            Reason.UNREACHABLE,
            "nothing was heard on %s for %d ms".formatted(name(), millis),
            null);
      } else if ((worker() != null || driver != null) && !refused.get()) {
        send(new Alive());
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
      LOG.warn("closing {}: no TLS 1.3: {}", name(), cause.getCause().getMessage());
      context.close();
    } else if (cause instanceof IOException) {
      LOG.debug("{} broke: {}", name(), cause.toString());
      context.close();
    } else if (cause instanceof ParameterServerException e) {
      refuse(e.reason(), e.getMessage(), null);
    } else if (cause instanceof WireException e) {
      refuse(Reason.PROTOCOL, e.getMessage(), null);
    } else {
      refuse(Reason.PROTOCOL, "an error inside the server: " + cause, cause);
    }
  }

  /**
   * Says why and closes. What still arrives is dropped for a while: to close with bytes unread
   * would reset the connection, and the reason would be lost on its way.
   */
  void refuse(Reason reason, String text, Throwable cause) {
    if (channel.isActive() && refused.compareAndSet(false, true)) {
      LOG.warn("closing {}: {}", name(), text, cause);
      execute(() -> dismiss(new Refused(reason, text)));
    }
  }

  private void dismiss(Refused answer) {
    FrameDecoder decoder = channel.pipeline().get(FrameDecoder.class);
    if (decoder != null) {
      decoder.stop();
    }
    closeAfter(endMillis); // the answer stands behind all that the other side does not read
    channel.writeAndFlush(answer).addListener(sent -> linger());
  }

  private void linger() {
    if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
    closeAfter(LINGER_MILLIS);
  }

  private void closeAfter(long millis) {
    Future<?> deadline =
        channel.eventLoop().schedule(() -> channel.close(), millis, TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
  }

  @Override
  public void refuse(Reason reason, String text) {
    refuse(reason, text, null);
  }

  /** Shuts out a worker of an earlier start. */
  void refuseIfStale(int incarnation) {
    Worker worker = worker();
    if (worker != null && worker.incarnation() < incarnation) {
      refuse(
          Reason.STALE_INCARNATION,
          "%s: the workers were started again (start %d)".formatted(worker, incarnation),
          null);
    }
  }

  @Override
  public void leave() {
    execute(() -> closeAfter(endMillis));
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Waits for the end, until a time of {@link System#nanoTime}; then it ends, whatever waits. */
  void awaitEnd(long deadline) {
    long left = Math.max(0, deadline - System.nanoTime());
    if (!channel.closeFuture().awaitUninterruptibly(left, TimeUnit.NANOSECONDS)) {
      channel.close();
    }
  }

  /** Bytes that wait to leave. */
  long bytesWaiting() {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  private Worker worker() {
    ShardSession joined = session;
    return joined == null ? null : joined.worker();
  }

  private String name() {
    Worker worker = worker();
    String whose = driver != null ? " of the run's driver" : worker != null ? " of " + worker : "";
    return "the connection" + whose + " from " + channel.remoteAddress();
  }
}
