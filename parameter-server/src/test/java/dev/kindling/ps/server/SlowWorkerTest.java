package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.wire.Begin;
import dev.kindling.train.ReplicaTree.Node;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** From a worker that keeps the others waiting to the words that its driver hears. */
class SlowWorkerTest {
  private static final int STEPS = 6;

  private final FakeTraining training = new FakeTraining(301, 4);
  private final List<String> named = new CopyOnWriteArrayList<>();
  private final ShardListener ear =
      new ShardListener() {
        @Override
        public void slow(Worker worker, String warning) {
          named.add(worker.name() + ": " + warning);
        }
      };

  /** It computes with the values of step 4 until the latch opens. */
  private Void work(ServerLocation location, Node share, String name, CountDownLatch latch)
      throws InterruptedException {
    Worker worker = new Worker(name, share.lo(), share.hi(), 1);
    FakeTraining.Pusher pusher = training.new Pusher(share.lo(), share.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); step < STEPS; step++) {
        float[] values = client.values(step);
        if (step == 4) {
          latch.await();
        }
        pusher.step(step, values, client);
      }
      client.values(STEPS);
    }
    return null;
  }

  /** No report comes from inside a step. */
  @Test
  void aWorkerThatIsStuckInAStepIsNamedToTheDriverOfAStandaloneServer() throws Exception {
    Secret secret = Secret.of("known to both of them", "the test");
    CountDownLatch latch = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (StandaloneServer server =
            new StandaloneServer(secret, "127.0.0.1", 0, 1, null, Optional.empty());
        RemoteServer run =
            new RemoteServer(
                new Place(new Address("127.0.0.1", server.port()), secret, null),
                new Begin(training.run("stuck", STEPS), 5, 2, false),
                training::initial,
                ear,
                e -> {})) {
      Future<?> well =
          threads.submit(() -> work(run.location(), new Node(0, 2), "well", new CountDownLatch(0)));
      Future<?> stuck = threads.submit(() -> work(run.location(), new Node(2, 4), "stuck", latch));
      await().atMost(Duration.ofSeconds(90)).until(() -> !named.isEmpty());
      assertThat(named).singleElement().asString().startsWith("stuck: ").contains("step 4");
      latch.countDown();
      well.get(30, TimeUnit.SECONDS);
      stuck.get(30, TimeUnit.SECONDS);
      assertThat(run.values()).containsExactly(training.expected(STEPS));
    } finally {
      latch.countDown();
      threads.shutdownNow();
    }
  }

  /** By the reports, which shards look at while the run goes on. */
  @Test
  void aSlowWorkerIsNamedOnce() throws Exception {
    try (ParameterServer server =
        ParameterServer.of(training.run("slow", STEPS), training.initial()).listener(ear).start()) {
      report(server, new Worker("quick", 0, 2, 1), 20);
      report(server, new Worker("slow", 2, 4, 1), 50);
      await().atMost(Duration.ofSeconds(60)).until(() -> !named.isEmpty());
      assertThat(named).singleElement().asString().contains("slow: slow", "25.0 s", "10.0 s");
    }
  }

  private static void report(ParameterServer server, Worker worker, long seconds) {
    server
        .shards()
        .report(new WorkerProgress(worker, 1, seconds * 1_000_000_000L, 0, System.nanoTime()));
  }
}
