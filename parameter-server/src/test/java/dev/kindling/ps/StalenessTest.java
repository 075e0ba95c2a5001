package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.LAMB;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.train.Buckets;
import dev.kindling.train.GradientSink;
import dev.kindling.train.ReplicaTree.Node;
import java.util.Set;
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

  private FakeTraining training = new FakeTraining(1_001, REPLICAS);
  private NonFinite nonFinite = NonFinite.ABORT;
  private long badStep = -1;
  private final long[][] read = new long[STEPS][REPLICAS];

  private ParameterServer server(String transport, int bound) {
    RunSpec plain = training.run("stale", STEPS);
    RunSpec run = new RunSpec("stale", plain.tree(), plain.update(), STEPS, nonFinite);
    return ParameterServer.of(run.with(new BoundedStaleness(bound)), training.initial())
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
        pusher.step(step, values, step == badStep && share.lo() == 0 ? broken(client) : client);
      }
      if (isComplete) { // else nobody brings the others' share
        client.values(until);
      }
    }
    return null;
  }

  /** Half of the buckets hold a NaN. */
  private GradientSink broken(ParameterClient client) {
    Buckets buckets = training.run("stale", STEPS).buckets();
    return (step, bucket, lo, hi, sums, weight) -> {
      if (bucket % 2 == 0) {
        sums[Math.toIntExact(buckets.from(bucket))] = Float.NaN;
      }
      client.push(step, bucket, lo, hi, sums, weight);
    };
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

  /** All buckets of a step are measured before any of it is applied, whoever is ahead. */
  @ParameterizedTest
  @CsvSource({"in-process, 1, 21", "in-process, 3, 22", "socket, 2, 23"})
  void rulesOfTheWholeGradientFollowToo(String transport, int bound, long seed) throws Exception {
    System.out.println("seed " + seed);
    training = new FakeTraining(1_001, REPLICAS, new LAMB(0.01));
    try (ParameterServer server = server(transport, bound)) {
      workAll(server, 3, 1, seed, STEPS / 2);
      workAll(server, 2, 2, seed, STEPS);
      assertFollows(server, bound);
    }
  }

  @ParameterizedTest
  @CsvSource({"in-process, 1, 31", "in-process, 3, 32", "socket, 2, 33"})
  void aStepThatIsNotFiniteIsSkippedAndCounted(String transport, int bound, long seed)
      throws Exception {
    System.out.println("seed " + seed);
    nonFinite = NonFinite.SKIP;
    badStep = 7;
    try (ParameterServer server = server(transport, bound)) {
      workAll(server, 3, 1, seed, STEPS);
      assertThat(server.skipped()).isEqualTo(1);
      assertThat(server.values()).containsExactly(training.stale(read, Set.of(badStep)));
    }
  }

  @Test
  void aStepThatIsNotFiniteGoesBack() throws Exception {
    nonFinite = NonFinite.ROLL_BACK;
    badStep = 7;
    try (ParameterServer server = server("socket", 2)) {
      workAll(server, 3, 1, 41, STEPS);
      assertThat(server.rolledBack()).isEqualTo(1);
      assertThat(server.version()).isEqualTo(STEPS);
      assertThat(server.values()).doesNotContain(Float.NaN);
    }
  }

  @Test
  void aStepThatIsNotFiniteEndsTheRunOtherwise() throws Exception {
    training = new FakeTraining(1_001, REPLICAS, new LAMB(0.01));
    badStep = 7;
    try (ParameterServer server = server("in-process", 2)) {
      assertThatThrownBy(() -> workAll(server, 3, 1, 51, STEPS))
          .hasRootCauseInstanceOf(ParameterServerException.class)
          .hasMessageContaining("step 7: the gradient is not finite");
      assertThat(server.version()).isEqualTo(7);
    }
  }
}
