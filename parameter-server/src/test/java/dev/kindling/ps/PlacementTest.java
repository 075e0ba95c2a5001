package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  private static final int STEPS = 23;
  private static final int REPLICAS = 4;

  @ParameterizedTest(name = "{0} workers, {1}")
  @CsvSource({
    "1, in-process", "2, in-process", "3, in-process", "4, in-process",
    "1, socket", "2, socket", "3, socket", "4, socket"
  })
  void neitherWorkersNorTransportChangeTheBits(int workers, String transport) throws Exception {
    FakeTraining training = new FakeTraining(10_007, REPLICAS);
    RunSpec run = training.run("placement", STEPS);
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      runWorkers(training, server.location(), workers);
      assertThat(server.version()).isEqualTo(STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  private static void runWorkers(FakeTraining training, ServerLocation location, int workers)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Node share = new ReplicaTree(REPLICAS).shareOf(w, workers);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), 1);
        all.add(threads.submit(() -> work(training, location, worker)));
      }
      for (Future<?> one : all) {
        one.get(30, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void work(FakeTraining training, ServerLocation location, Worker worker)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      long step = client.join();
      while (step < STEPS) {
        pusher.step(step, client.values(step), client);
        step++;
      }
      client.values(STEPS);
    }
    return null;
  }
}
