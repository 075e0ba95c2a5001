package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.LAMB;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.train.ReplicaTree.Node;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StalenessTest {
  private static final int STEPS = 60;
  private static final int REPLICAS = 4;

  private final FakeTraining training = new FakeTraining(1_001, REPLICAS);
  private final long[][] read = new long[STEPS][REPLICAS];

  private ParameterServer server(String transport, int bound) {
    RunSpec run = training.run("stale", STEPS).with(new BoundedStaleness(bound));
    return ParameterServer.of(run, training.initial())
        .transport(Transport.of(transport))
        .listen("127.0.0.1", "127.0.0.1", 0)
        .start();
  }

  /**
   * Computes the steps before {@code until}; then waits for all of the last, if others compute too.
   */
  private Void work(
      ServerLocation location,
      Node share,
      int incarnation,
      long seed,
      long until,
      boolean isComplete)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed + share.lo());
    FakeTraining.Pusher pusher = training.new Pusher(share.lo(), share.hi());
    Worker worker = new Worker("worker " + share.lo(), share.lo(), share.hi(), incarnation);
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); step < until; step++) {
        float[] values = client.recent(step);
        for (int replica = share.lo(); replica < share.hi(); replica++) {
          read[(int) step][replica] = client.read();
        }
        for (int pauses = random.nextInt(20); pauses > 0; pauses--) {
          Thread.yield();
        }
        pusher.step(step, values, client);
      }
      if (isComplete) { // else nobody brings the others' share
        client.values(until);
      }
    }
    return null;
  }

  private void workAll(ParameterServer server, int workers, int incarnation, long seed, long until)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      CompletionService<Void> all = new ExecutorCompletionService<>(threads);
      for (int w = 0; w < workers; w++) {
        Node share = server.location().tree().shareOf(w, workers);
        all.submit(() -> work(server.location(), share, incarnation, seed, until, true));
      }
      for (int w = 0; w < workers; w++) {
        Future<Void> ended = all.poll(60, TimeUnit.SECONDS);
        assertThat(ended).as("the end of worker number %d", w).isNotNull();
        ended.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({"in-process, 1", "in-process, 3", "socket, 1", "socket, 4"})
  void aBoundOfZeroHasTheBitsOfSynchronousSteps(String transport, int workers) throws Exception {
    try (ParameterServer server = server(transport, 0)) {
      workAll(server, workers, 1, 1, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  /** Each gradient counts once, at its step, for the values that its worker says it has read. */
  @ParameterizedTest
  @CsvSource({"in-process, 1, 1", "in-process, 3, 2", "socket, 2, 3", "socket, 5, 4"})
  void everyStepIsTheSumOverAllReplicasOfValuesThatAreNotTooOld(
      String transport, int bound, long seed) throws Exception {
    System.out.println("seed " + seed);
    try (ParameterServer server = server(transport, bound)) {
      workAll(server, 3, 1, seed, STEPS);
      assertFollows(server, bound);
    }
  }

  /** What was open is discarded and computed again by other workers. */
  @ParameterizedTest
  @CsvSource({"in-process, 11", "socket, 12"})
  void aNewStartGoesOnFromTheVersionOfTheRun(String transport, long seed) throws Exception {
    System.out.println("seed " + seed);
    try (ParameterServer server = server(transport, 3)) {
      Node half = new Node(0, 2);
      work(server.location(), half, 1, seed, 3, false); // runs ahead alone
      assertThat(server.version()).isZero();
      workAll(server, 3, 2, seed, STEPS / 2);
      workAll(server, 2, 3, seed, STEPS);
      assertFollows(server, 3);
    }
  }

  private void assertFollows(ParameterServer server, int bound) {
    assertThat(server.version()).isEqualTo(STEPS);
    for (int step = 0; step < STEPS; step++) {
      for (long version : read[step]) {
        assertThat(version).isBetween(Math.max(0L, step - bound), (long) step);
      }
    }
    assertThat(server.values()).containsExactly(training.stale(read));
  }

  @Test
  void aRuleOfTheWholeGradientIsRefused() {
    RunSpec run = new FakeTraining(1_001, 4, new LAMB(0.01)).run("stale", STEPS);
    assertThatThrownBy(
            () -> ParameterServer.of(run.with(new BoundedStaleness(2)), new float[1_010]).start())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
