package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.transport.Handshake.Role;
import dev.kindling.ps.wire.Challenge;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Proof;
import dev.kindling.ps.wire.Welcome;
import dev.kindling.ps.wire.WireException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The server's side of the challenge: nothing else is read before the worker has proved that it
 * knows the secret. A worker that takes too long is cut off.
 */
final class ServerHandshake extends SimpleChannelInboundHandler<Message> {
  private final Secret secret;
  private final Supplier<byte[]> nonces;
  private final long timeoutMillis;
  private final Runnable done;
  private Hello hello;
  private Challenge challenge;
  private ScheduledFuture<?> deadline;

  /**
   * Waits for a worker's hello.
   *
   * @param nonces fresh random bytes
   * @param done called when the worker is known; the next handler gets all that follows
   */
  ServerHandshake(Secret secret, Supplier<byte[]> nonces, long timeoutMillis, Runnable done) {
    this.secret = secret;
    this.nonces = nonces;
    this.timeoutMillis = timeoutMillis;
    this.done = done;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline =
        context.executor().schedule(() -> expire(context), timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private void expire(ChannelHandlerContext context) {
    context.fireExceptionCaught(
        new WireException("the handshake was not over after " + timeoutMillis + " ms"));
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    deadline.cancel(false);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    deadline.cancel(false);
    context.fireChannelInactive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Message message) {
    if (hello == null && message instanceof Hello h) {
      hello = h;
      challenge = new Challenge(version(h), nonces.get());
      context.writeAndFlush(challenge);
    } else if (hello != null && message instanceof Proof proof) {
      finish(context, proof);
    } else {
      throw new WireException("the handshake does not go on with " + message.type());
    }
  }

  private static int version(Hello hello) {
    int version = Math.min(hello.newest(), Handshake.NEWEST);
    if (version < hello.oldest() || version < Handshake.OLDEST) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "the worker speaks versions %d to %d of the protocol, the server %d to %d: use the same release on both sides"
              .formatted(hello.oldest(), hello.newest(), Handshake.OLDEST, Handshake.NEWEST));
    }
    return version;
  }

  private void finish(ChannelHandlerContext context, Proof proof) {
    byte[] expected = Handshake.proof(secret, Role.WORKER, hello, challenge);
    if (!Handshake.matches(expected, proof.mac())) {
      throw new ParameterServerException(
          Reason.AUTHENTICATION,
          "the worker does not hold this server's secret: give both the same secret file or variable");
    }
    byte[] own = Handshake.proof(secret, Role.SERVER, hello, challenge);
    context.writeAndFlush(new Welcome(own));
    done.run();
    context.pipeline().remove(this);
  }
}
