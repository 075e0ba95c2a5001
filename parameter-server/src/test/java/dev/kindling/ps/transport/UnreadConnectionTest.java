package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Relay;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.client.SocketClient;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardShare;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that do not read what they are sent, on real sockets; the values exceed any buffer. */
class UnreadConnectionTest {
  private static final int STEPS = 24;
  private static final int HIGH = 1 << 20;
  private static final long MOST_WAITING = 4L << 20;
  private static final SocketOptions OPTIONS =
      new SocketOptions(20_000, 20_000, 60_000, HIGH / 4, HIGH);

  /** Of those who do not end by themselves. */
  private static final SocketOptions PATIENT =
      new SocketOptions(20_000, 20_000, 600_000, HIGH / 4, HIGH);

  private static final SocketOptions IMPATIENT =
      new SocketOptions(20_000, 20_000, 4_000, HIGH / 4, HIGH);

  private final FakeTraining training = new FakeTraining(1_000_003, 2);
  private final RunSpec run = training.run("unread", STEPS);
  private final Secret secret = Secret.random();

  private ShardGroup shards() {
    float[][] zeros = new float[run.stateVectors()][training.length()];
    Snapshot start = new Snapshot(0, training.initial(), zeros);
    return new ShardGroup(run, ShardShare.ALL, 1, start.storage(run), 0);
  }

  private ShardServer server(ShardGroup shards, SocketOptions options) {
    return new ShardServer(shards, secret, "127.0.0.1", 0, options, null);
  }

  private SocketClient client(int port, String name, SocketOptions options) {
    ServerLocation location =
        new ServerLocation(
            run.id(),
            "",
            Transport.SOCKET,
            List.of(new Address("127.0.0.1", port)),
            secret,
            run.buckets(),
            run.tree());
    return new SocketClient(location, new Worker(name, 0, 2, 1), options);
  }

  private Void train(SocketClient client, long first, long until) throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(0, 2);
    for (long step = first; step < until; step = client.next(step)) {
      pusher.step(step, client.values(step), client);
    }
    client.values(until);
    return null;
  }

  /** The backup stands still for so many versions, and then makes those that are left, alone. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 20})
  void aBackupThatDoesNotReadIsSentWhatItMissedWhenItDoes(int missed) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    CountDownLatch isStill = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    ShardGroup shards = shards();
    try (ShardServer server = server(shards, OPTIONS);
        Relay relay = new Relay(server.port())) {
      Future<Void> backup =
          thread.submit(
              () -> {
                try (SocketClient client = client(relay.port(), "backup", OPTIONS)) {
                  long first = client.join();
                  isStill.countDown();
                  goesOn.await();
                  return train(client, first, STEPS);
                }
              });
      isStill.await();
      relay.stopTowardsWorkers();
      try (SocketClient client = client(server.port(), "worker", OPTIONS)) {
        train(client, client.join(), missed);
      }
      assertThat(server.bytesWaiting()).isLessThan(MOST_WAITING);
      goesOn.countDown();
      relay.goOnTowardsWorkers();
      backup.get(60, TimeUnit.SECONDS);
      assertThat(shards.version()).isEqualTo(STEPS);
      float[] values = shards.storage().values(STEPS);
      assertThat(Arrays.mismatch(values, training.expected(STEPS))).isNegative();
    } finally {
      goesOn.countDown();
      thread.shutdownNow();
    }
  }

  /** Trains while a backup reads nothing, so that values wait for it. */
  private void trainBesideOneThatDoesNotRead(ShardServer server, Relay relay, SocketClient backup)
      throws InterruptedException {
    backup.values(backup.join());
    relay.stopTowardsWorkers();
    try (SocketClient client = client(server.port(), "worker", IMPATIENT)) {
      train(client, client.join(), STEPS);
    }
  }

  /** Its silence is an end with a reason, which has to leave behind all that it does not read. */
  @Test
  void aPeerThatDoesNotReadIsGivenUp() throws Exception {
    try (ShardServer server = server(shards(), IMPATIENT);
        Relay relay = new Relay(server.port());
        SocketClient backup = client(relay.port(), "backup", PATIENT)) {
      trainBesideOneThatDoesNotRead(server, relay, backup);
      await().atMost(60, TimeUnit.SECONDS).until(() -> server.connections() == 0);
      relay.goOnTowardsWorkers();
    }
  }

  @Test
  void theServersEndDoesNotWaitForPeersThatDoNotRead() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    ShardServer server = server(shards(), IMPATIENT);
    try (Relay relay = new Relay(server.port());
        SocketClient backup = client(relay.port(), "backup", PATIENT)) {
      trainBesideOneThatDoesNotRead(server, relay, backup);
      thread.submit(server::close).get(60, TimeUnit.SECONDS);
      assertThat(server.connections()).isZero();
      relay.goOnTowardsWorkers();
    } finally {
      thread.shutdownNow();
    }
  }
}
