package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Secret;
import dev.kindling.ps.transport.Handshake.Role;
import dev.kindling.ps.wire.Alive;
import dev.kindling.ps.wire.Challenge;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Proof;
import dev.kindling.ps.wire.Welcome;
import dev.kindling.ps.wire.WireException;
import io.netty.channel.embedded.EmbeddedChannel;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private final Secret secret = Secret.of("a secret that both sides hold", "the test");
  private final Secret other = Secret.of("a secret that is another one", "the test");
  private boolean clientDone;
  private boolean serverDone;
  private int nonce;

  private EmbeddedChannel server(Secret own) {
    return new EmbeddedChannel(
        new ServerHandshake(own, () -> Messages.hash(nonce++), 10_000, () -> serverDone = true));
  }

  private EmbeddedChannel client(Secret own) {
    return new EmbeddedChannel(
        new ClientHandshake(own, Messages.hash(100 + nonce++), () -> clientDone = true));
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    to.writeInbound((Message) from.readOutbound());
  }

  @Test
  void bothProveTheSecret() {
    EmbeddedChannel server = server(secret);
    EmbeddedChannel client = client(secret);
    pass(client, server);
    pass(server, client);
    pass(client, server);
    assertThat(serverDone).isTrue();
    assertThat(clientDone).isFalse();
    pass(server, client);
    assertThat(clientDone).isTrue();
  }

  @Test
  void aWrongSecretIsRefused() {
    EmbeddedChannel server = server(secret);
    EmbeddedChannel client = client(other);
    pass(client, server);
    pass(server, client);
    assertRefused(Reason.AUTHENTICATION, () -> pass(client, server));
    assertThat(serverDone).isFalse();
  }

  @Test
  void aFalseServerIsRefused() {
    EmbeddedChannel client = client(secret);
    Hello hello = client.readOutbound();
    Challenge challenge = new Challenge(1, Messages.hash(9));
    client.writeInbound(challenge);
    Welcome forged = new Welcome(Handshake.proof(other, Role.SERVER, hello, challenge));
    assertRefused(Reason.AUTHENTICATION, () -> client.writeInbound(forged));
    assertThat(clientDone).isFalse();
  }

  /** The worker's own proof, sent back to it by a server that knows nothing. */
  @Test
  void aReflectedProofIsRefused() {
    EmbeddedChannel client = client(secret);
    client.readOutbound();
    client.writeInbound(new Challenge(1, Messages.hash(9)));
    Proof proof = client.readOutbound();
    assertRefused(Reason.AUTHENTICATION, () -> client.writeInbound(new Welcome(proof.mac())));
  }

  /** A server cannot be made to compute the proof that a worker needs. */
  @Test
  void theServersProofIsNoneOfAWorker() {
    Hello hello = new Hello(1, 1, Messages.hash(1));
    Challenge challenge = new Challenge(1, Messages.hash(2));
    assertThat(Handshake.proof(secret, Role.SERVER, hello, challenge))
        .isNotEqualTo(Handshake.proof(secret, Role.WORKER, hello, challenge));
  }

  @Test
  void aRecordedHandshakeIsWorthNothing() {
    EmbeddedChannel server = server(secret);
    EmbeddedChannel client = client(secret);
    Hello hello = client.readOutbound();
    server.writeInbound(hello);
    pass(server, client);
    Proof proof = client.readOutbound();
    EmbeddedChannel again = server(secret);
    again.writeInbound(hello);
    assertRefused(Reason.AUTHENTICATION, () -> again.writeInbound(proof));
  }

  /** Somebody between changes what the worker said it speaks. */
  @Test
  void aTamperedTranscriptIsRefused() {
    EmbeddedChannel server = server(secret);
    EmbeddedChannel client = client(secret);
    Hello hello = client.readOutbound();
    server.writeInbound(new Hello(0, hello.newest(), hello.nonce()));
    pass(server, client);
    assertRefused(Reason.AUTHENTICATION, () -> pass(client, server));
  }

  @Test
  void otherVersionsAreNamed() {
    assertRefused(
        Reason.PROTOCOL, () -> server(secret).writeInbound(new Hello(7, 9, Messages.hash(1))));
    assertRefused(
        Reason.PROTOCOL, () -> server(secret).writeInbound(new Hello(0, 0, Messages.hash(1))));
    EmbeddedChannel client = client(secret);
    assertRefused(Reason.PROTOCOL, () -> client.writeInbound(new Challenge(2, Messages.hash(1))));
  }

  @Test
  void aNewerWorkerFallsBackToTheServersVersion() {
    EmbeddedChannel server = server(secret);
    server.writeInbound(new Hello(1, 9, Messages.hash(1)));
    assertThat(server.<Challenge>readOutbound().version()).isEqualTo(Handshake.NEWEST);
  }

  @Test
  void nothingElseIsTakenBefore() {
    assertThatThrownBy(() -> server(secret).writeInbound(new Alive()))
        .isInstanceOf(WireException.class);
    assertThatThrownBy(() -> server(secret).writeInbound(new Proof(Messages.hash(1))))
        .isInstanceOf(WireException.class);
    assertThatThrownBy(() -> client(secret).writeInbound(new Welcome(Messages.hash(1))))
        .isInstanceOf(WireException.class);
  }

  private static void assertRefused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ParameterServerException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
