package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.transport.SocketOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketFaultsTest {
  private static final int STEPS = 12;
  private final FakeTraining training = new FakeTraining(3_001, 4);
  private final RunSpec run = training.run("faults", STEPS);
  private final List<String> failures = new ArrayList<>();
  private final ParameterServer server =
      ParameterServer.of(run, training.initial())
          .transport(Transport.SOCKET)
          .listen("127.0.0.1", "127.0.0.1", 0)
          .socketOptions(new SocketOptions(3_000, 5_000, 20_000, 1 << 16, 1 << 18))
          .listener(
              new ShardListener() {
                @Override
                public void failed(Worker worker, String message) {
                  failures.add(worker.name() + ": " + message);
                }
              })
          .start();

  @AfterEach
  void close() {
    server.close();
  }

  private ParameterClient client(ServerLocation location, int lo, int hi, int incarnation) {
    return ParameterClients.open(location, new Worker("worker " + lo, lo, hi, incarnation));
  }

  private ParameterClient client(int lo, int hi, int incarnation) {
    return client(server.location(), lo, hi, incarnation);
  }

  private ServerLocation with(String runId, Secret secret) {
    ServerLocation l = server.location();
    return new ServerLocation(
        runId, l.jvm(), l.transport(), l.addresses(), secret, l.buckets(), l.tree());
  }

  private static void assertFails(Reason reason, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ParameterServerException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
  }

  private void assertTrainingGoesOn() throws Exception {
    FakeWorkers.run(training, server.location(), 2, 9, STEPS);
    assertThat(server.values()).containsExactly(training.expected(STEPS));
  }

  @Test
  void aWrongSecretGetsAClearError() throws Exception {
    try (ParameterClient client = client(with("faults", Secret.random()), 0, 4, 1)) {
      assertFails(Reason.AUTHENTICATION, "secret", client::join);
    }
    assertTrainingGoesOn();
  }

  @Test
  void aTakenPortIsNamed() {
    int port = server.location().addresses().get(0).port();
    assertFails(
        Reason.PORT,
        "cannot listen on 127.0.0.1:" + port,
        () ->
            ParameterServer.of(run, training.initial())
                .listen("127.0.0.1", "127.0.0.1", port)
                .start());
  }

  @Test
  void nobodyThereIsNamed() {
    ServerLocation location = server.location();
    server.close();
    try (ParameterClient client = client(location, 0, 4, 1)) {
      assertFails(Reason.UNREACHABLE, location.addresses().get(0).toString(), client::join);
    }
  }

  @Test
  void anotherRunIsRefused() {
    try (ParameterClient client = client(with("other", server.location().secret()), 0, 4, 1)) {
      assertFails(Reason.PROTOCOL, "this server trains run faults", client::join);
    }
  }

  @Test
  void replicasBeyondTheTreeAreRefused() {
    try (ParameterClient client = client(3, 4, 1)) {
      assertThatThrownBy(() -> client(3, 3, 1)).isInstanceOf(IllegalArgumentException.class);
      assertThat(client).isNotNull();
    }
  }

  @Test
  void anEarlierStartIsShutOut() throws Exception {
    try (ParameterClient old = client(0, 2, 1);
        ParameterClient fresh = client(0, 2, 2)) {
      old.join();
      fresh.join();
      assertFails(Reason.STALE_INCARNATION, "started again", () -> old.values(1));
    }
    try (ParameterClient late = client(0, 2, 1)) {
      assertFails(Reason.STALE_INCARNATION, "started again", late::join);
    }
    assertTrainingGoesOn();
  }

  @Test
  void aWaitEndsWhenTheServerGoes() throws Exception {
    try (ParameterClient client = client(0, 2, 1)) {
      client.join();
      CompletableFuture<float[]> waiting = CompletableFuture.supplyAsync(() -> values(client, 1));
      server.close();
      assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aWaitEndsWithTheReasonOfAnAbort() throws Exception {
    try (ParameterClient client = client(0, 2, 1)) {
      client.join();
      CompletableFuture<float[]> waiting = CompletableFuture.supplyAsync(() -> values(client, 1));
      server.abort("the loss is NaN at step 3");
      assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
          .hasMessageContaining("the loss is NaN at step 3");
    }
  }

  private static float[] values(ParameterClient client, long version) {
    try {
      return client.values(version);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Test
  void whoIsNotReachedIsNamedAfterSomeTries() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }
    ServerLocation l = server.location();
    ServerLocation nobody =
        new ServerLocation(
            l.run(),
            l.jvm(),
            l.transport(),
            List.of(new ServerLocation.Address("127.0.0.1", port)),
            l.secret(),
            l.buckets(),
            l.tree());
    try (ParameterClient client = client(nobody, 0, 4, 1)) {
      assertFails(Reason.UNREACHABLE, "127.0.0.1:" + port, client::join);
      assertFails(Reason.UNREACHABLE, "tried 5 times", client::join);
    }
  }

  @Test
  void aWaitEndsOnInterrupt() throws Exception {
    try (ParameterClient client = client(0, 2, 1)) {
      client.join();
      CompletableFuture<Throwable> ended = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  client.values(1);
                } catch (InterruptedException e) {
                  ended.complete(e);
                }
              });
      thread.start();
      thread.interrupt();
      assertThat(ended.get(10, TimeUnit.SECONDS)).hasMessageContaining("worker 0");
    }
  }

  @Test
  void aFatalErrorReachesTheDriver() throws Exception {
    try (ParameterClient client = client(0, 2, 1)) {
      client.join();
      client.fail("row 7: the label is 12");
      await().until(() -> failures.contains("worker 0: row 7: the label is 12"));
    }
  }

  @Test
  void progressIsKnown() throws Exception {
    assertTrainingGoesOn();
    await().until(() -> server.workers().size() == 2);
    assertThat(server.workers()).allSatisfy(w -> assertThat(w.worker().incarnation()).isEqualTo(9));
  }

  /** Garbage, half a header, silence: each is closed, and training goes on. */
  @Test
  void attackersAreClosedAndTrainingGoesOn() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sockets.add(new Socket("127.0.0.1", server.location().addresses().get(0).port()));
    }
    long seed = 5;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      byte[] bytes = new byte[1 + random.nextInt(i < 50 ? 7 : 4_000)];
      random.nextBytes(bytes);
      sockets.get(i).getOutputStream().write(bytes);
    }
    assertTrainingGoesOn();
    for (Socket socket : sockets) {
      assertEnds(socket);
    }
  }

  private static void assertEnds(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    try (socket;
        InputStream in = socket.getInputStream()) {
      in.readAllBytes();
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}
