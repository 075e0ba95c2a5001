package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.transport.Handshake.Role;
import dev.kindling.ps.wire.Challenge;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Proof;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Welcome;
import dev.kindling.ps.wire.WireException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

/** The worker's side of the challenge: nothing is sent before the server has proved itself. */
final class ClientHandshake extends SimpleChannelInboundHandler<Message> {
  private final Secret secret;
  private final Hello hello;
  private final Runnable done;
  private Challenge challenge;

  /**
   * Sends its hello as soon as the connection stands.
   *
   * @param nonce fresh random bytes
   * @param done called when the server is known; the next handler gets all that follows
   */
  ClientHandshake(Secret secret, byte[] nonce, Runnable done) {
    this.secret = secret;
    this.hello = new Hello(Handshake.OLDEST, Handshake.NEWEST, nonce);
    this.done = done;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.writeAndFlush(hello);
    context.fireChannelActive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Message message) {
    if (message instanceof Refused refused) {
      throw new ParameterServerException(refused.reason(), refused.text());
    } else if (challenge == null && message instanceof Challenge c) {
      answer(context, c);
    } else if (challenge != null && message instanceof Welcome welcome) {
      finish(context, welcome);
    } else {
      throw new WireException("the handshake does not go on with " + message.type());
    }
  }

  private void answer(ChannelHandlerContext context, Challenge asked) {
    if (asked.version() < Handshake.OLDEST || asked.version() > Handshake.NEWEST) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "the server wants version %d of the protocol; this worker speaks %d to %d"
              .formatted(asked.version(), Handshake.OLDEST, Handshake.NEWEST));
    }
    challenge = asked;
    context.writeAndFlush(new Proof(Handshake.proof(secret, Role.WORKER, hello, challenge)));
  }

  private void finish(ChannelHandlerContext context, Welcome welcome) {
    byte[] expected = Handshake.proof(secret, Role.SERVER, hello, challenge);
    if (!Handshake.matches(expected, welcome.mac())) {
      throw new ParameterServerException(
          Reason.AUTHENTICATION,
          "the server does not hold this worker's secret: give both the same secret file or variable");
    }
    done.run();
    context.pipeline().remove(this);
  }
}
