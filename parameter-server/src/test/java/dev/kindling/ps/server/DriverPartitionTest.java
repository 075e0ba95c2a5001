package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Relay;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.transport.SocketOptions;
import dev.kindling.ps.wire.Begin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A driver and a standalone server that do not hear each other: who, and for how long. */
@Timeout(90)
class DriverPartitionTest {
  private static final int SILENCE = 2_000;
  private static final int CONNECT = 1_000;
  private static final SocketOptions OPTIONS =
      new SocketOptions(20_000, CONNECT, SILENCE, 1 << 16, 1 << 18);

  private final FakeTraining training = new FakeTraining(301, 4);
  private final Secret secret = Secret.of("known to both of them", "the test");
  private final List<ParameterServerException> aborted = new CopyOnWriteArrayList<>();
  private final StandaloneServer server =
      new StandaloneServer(secret, "127.0.0.1", 0, 1, null, Optional.empty(), OPTIONS);

  @AfterEach
  void close() {
    server.close();
  }

  private RemoteServer driver(int port) throws InterruptedException {
    ShardListener ear =
        new ShardListener() {
          @Override
          public void aborted(ParameterServerException cause) {
            aborted.add(cause);
          }
        };
    return new RemoteServer(
        new Place(new Address("127.0.0.1", port), secret, null),
        new Begin(training.run("cut", 10), 5, 2, false),
        training::initial,
        ear,
        e -> {},
        OPTIONS);
  }

  private void assertTold(String text) {
    await().atMost(Duration.ofSeconds(60)).until(() -> !aborted.isEmpty());
    assertThat(aborted.get(0).reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(aborted.get(0)).hasMessageContaining(text);
    assertThat(aborted.get(0)).hasMessageContaining("for " + SILENCE + " ms");
  }

  @Test
  void aDriverNamesTheServerThatItDoesNotHear() throws Exception {
    try (Relay relay = new Relay(server.port());
        RemoteServer driver = driver(relay.port())) {
      relay.stopTowardsWorkers();
      String text = "nothing was heard from the parameter server at 127.0.0.1:" + relay.port();
      assertTold(text);
      assertThatThrownBy(driver::values).hasMessageContaining(text);
      assertThatThrownBy(driver.checkpoint()::get).hasMessageContaining(text);
    }
  }

  /** The run's place is free again. */
  @Test
  void aServerNamesTheDriverThatItDoesNotHear() throws Exception {
    try (Relay relay = new Relay(server.port());
        RemoteServer driver = driver(relay.port())) {
      relay.stopTowardsServer();
      assertTold("nothing was heard on the connection of the run's driver from /127.0.0.1:");
      assertThat(driver.version()).isZero();
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> server.state().equals("waiting for a run"));
    try (RemoteServer next = driver(server.port())) {
      assertThat(next.version()).isZero();
    }
  }

  @Test
  void aServerThatTakesAConnectionAndSaysNothingIsNamed() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> driver(mute.getLocalPort()))
          .isInstanceOf(ParameterServerException.class)
          .hasMessageContaining("127.0.0.1:" + mute.getLocalPort())
          .hasMessageContaining("for " + SILENCE + " ms");
    }
  }

  /** Nobody refuses: the first packet is dropped, as by a firewall, because the queue is full. */
  @Test
  void aConnectionThatIsDroppedIsGivenUp() throws Exception {
    List<SocketChannel> queue = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fill(full, queue);
      assertThatThrownBy(() -> driver(full.getLocalPort()))
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
          .hasMessageContaining("no parameter server answers at 127.0.0.1:" + full.getLocalPort())
          .hasMessageContaining(CONNECT + " ms");
    } finally {
      for (SocketChannel one : queue) {
        one.close();
      }
    }
  }

  private static void fill(ServerSocket server, List<SocketChannel> queue) throws IOException {
    for (int i = 0; i < 16; i++) {
      SocketChannel channel = SocketChannel.open();
      queue.add(channel);
      channel.configureBlocking(false);
      channel.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
    }
  }
}
