package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.SocketClient;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.transport.SocketOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network that is cut without a word: each side says whom it has not heard, and for how long. */
class PartitionTest {
  private static final int SILENCE = 3_000;
  private static final SocketOptions OPTIONS =
      new SocketOptions(20_000, 20_000, SILENCE, 1 << 16, 1 << 18);

  private final FakeTraining training = new FakeTraining(3_001, 4);

  private ParameterServer server() {
    return ParameterServer.of(training.run("cut", 10), training.initial())
        .transport(Transport.SOCKET)
        .listen("127.0.0.1", "127.0.0.1", 0)
        .socketOptions(OPTIONS)
        .start();
  }

  private static ServerLocation through(Relay relay, ServerLocation l) {
    return new ServerLocation(
        l.run(),
        l.jvm(),
        l.transport(),
        List.of(new ServerLocation.Address("127.0.0.1", relay.port())),
        l.secret(),
        l.buckets(),
        l.tree());
  }

  /** A worker that waits for step 1, which nobody makes, while the network is cut. */
  private void waitInVain(ParameterServer server, Relay relay, Runnable cut, String answer)
      throws Exception {
    Worker worker = new Worker("worker 7", 0, 2, 1);
    ServerLocation location = through(relay, server.location());
    try (SocketClient client = new SocketClient(location, worker, OPTIONS)) {
      client.values(client.join());
      cut.run();
      assertThatThrownBy(() -> client.values(1))
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
          .hasMessageContaining("worker 7")
          .hasMessageContaining(answer)
          .hasMessageContaining("for " + SILENCE + " ms");
    }
    FakeWorkers.run(training, server.location(), 3, 2, 10);
    assertThat(server.values()).containsExactly(training.expected(10));
  }

  @Test
  void aWorkerNamesTheServerThatItDoesNotHear() throws Exception {
    try (ParameterServer server = server();
        Relay relay = new Relay(server.location().addresses().get(0).port())) {
      String answer = "nothing was heard from the parameter server at 127.0.0.1:" + relay.port();
      waitInVain(server, relay, relay::stopTowardsWorkers, answer);
    }
  }

  @Test
  void theServerNamesTheWorkerThatItDoesNotHear() throws Exception {
    try (ParameterServer server = server();
        Relay relay = new Relay(server.location().addresses().get(0).port())) {
      String answer = "nothing was heard on the connection of worker 7 (replicas [0, 2), start 1)";
      waitInVain(server, relay, relay::stopTowardsServer, answer);
    }
  }
}
