package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.train.GradientSink;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches whose rows all count 0: there is no mean, and nothing is learnt. */
class WeightlessStepTest {
  private static final int STEPS = 6;
  private static final int WEIGHTLESS = 3;
  private static final int REPLICAS = 4;

  private static ParameterServer server(RunSpec run, FakeTraining training, String how) {
    return ParameterServer.of(run, training.initial())
        .transport(Transport.of(how))
        .listen("127.0.0.1", "127.0.0.1", 0)
        .start();
  }

  /** Pushes zeros of weight 0 at one step. */
  private record Weightless(ParameterClient client) implements GradientSink {
    @Override
    public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
      boolean isOne = step == WEIGHTLESS;
      if (isOne) {
        Arrays.fill(sums, 0);
      }
      client.push(step, bucket, lo, hi, sums, isOne ? 0 : weight);
    }

    @Override
    public void pullRows(long version, int table, long[] keys, float[] into) {
      client.pullRows(version, table, keys, into);
    }

    @Override
    public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
      boolean isOne = step == WEIGHTLESS;
      SparseRows sent =
          isOne ? new SparseRows(sums.width(), sums.keys(), new float[sums.values().length]) : sums;
      client.pushRows(step, table, lo, hi, sent, isOne ? 0 : weight);
    }
  }

  /** The vector after each step, as the first worker has read it. */
  private static List<float[]> train(
      FakeTraining training, ParameterServer server, List<Node> shares, int incarnation)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(shares.size());
    try {
      List<Future<List<float[]>>> all = new ArrayList<>();
      for (Node share : shares) {
        Worker worker = new Worker("worker " + all.size(), share.lo(), share.hi(), incarnation);
        all.add(threads.submit(() -> work(training, server.location(), worker)));
      }
      for (Future<List<float[]>> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
      return all.get(0).get();
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<float[]> work(FakeTraining training, ServerLocation at, Worker worker)
      throws InterruptedException {
    List<float[]> seen = new ArrayList<>();
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(at, worker)) {
      for (long step = client.join(); step < STEPS; step = client.next(step)) {
        float[] values = client.values(step);
        seen.add(values.clone());
        pusher.step(step, values, new Weightless(client));
      }
      seen.add(client.values(STEPS).clone());
    }
    return seen;
  }

  private static List<Node> shares(FakeTraining training, int workers) {
    List<Node> shares = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      shares.add(training.run("", 1).tree().shareOf(w, workers));
    }
    return shares;
  }

  @ParameterizedTest
  @ValueSource(strings = {"elementwise", "clipped", "layerwise", "stale"})
  void changesNothingWhateverThePlacement(String how) throws Exception {
    Optimizer rule =
        switch (how) {
          case "clipped" -> new ClipByNorm(new Adam(0.01), 0.5);
          case "layerwise" -> new LAMB(0.01);
          default -> new Adam(0.01);
        };
    Policy policy = how.equals("stale") ? new BoundedStaleness(1) : new Synchronous();
    List<float[]> ends = new ArrayList<>();
    for (String transport : List.of("in-process", "socket")) {
      for (int workers = 1; workers <= 3; workers += 2) {
        FakeTraining training = new FakeTraining(10_007, REPLICAS, rule);
        RunSpec run = training.run("weightless", STEPS).with(policy);
        try (ParameterServer server = server(run, training, transport)) {
          List<float[]> seen = train(training, server, shares(training, workers), 1);
          assertStays(seen, Math.toIntExact(run.update().layout().metricsOffset()));
          ends.add(server.values());
        }
      }
    }
    assertThat(ends).allSatisfy(end -> assertThat(end).containsExactly(ends.get(0)));
  }

  /** Parameters and statistics; with a stale policy the worker reads each step's own version. */
  private static void assertStays(List<float[]> seen, int metrics) {
    assertThat(Arrays.copyOf(seen.get(WEIGHTLESS + 1), metrics))
        .containsExactly(Arrays.copyOf(seen.get(WEIGHTLESS), metrics));
    assertThat(seen.get(WEIGHTLESS + 2)).isNotEqualTo(seen.get(WEIGHTLESS));
    for (float value : seen.get(STEPS)) {
      assertThat(value).isFinite();
    }
  }

  /** Each replica is computed by two workers: whoever comes first counts. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void changesNothingWhereWorkersAreOvertaken(String transport) throws Exception {
    FakeTraining training = new FakeTraining(1_001, REPLICAS);
    List<float[]> ends = new ArrayList<>();
    for (List<Node> shares :
        List.of(List.of(new Node(0, 4)), List.of(new Node(0, 2), new Node(0, 4), new Node(2, 4)))) {
      RunSpec run = training.run("weightless", STEPS).with(new Synchronous(shares.size() - 1));
      try (ParameterServer server = server(run, training, transport)) {
        train(training, server, shares, 1);
        ends.add(server.values());
      }
    }
    assertThat(ends.get(1)).containsExactly(ends.get(0));
    for (float value : ends.get(0)) {
      assertThat(value).isFinite();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void changesNoRowOfTables(String transport) throws Exception {
    FakeTraining training = new FakeTraining(1_001, REPLICAS).withTables();
    RunSpec run = training.run("weightless", STEPS);
    try (ParameterServer server = server(run, training, transport)) {
      train(training, server, shares(training, 2), 1);
      assertThat(server.version()).isEqualTo(STEPS);
      for (SparseRows table : server.tables()) {
        assertThat(table.isFinite()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "in-process, NaN",
    "in-process, -1",
    "socket, NaN",
    "socket, -16",
    "socket, Infinity",
    "socket, -Infinity"
  })
  @Timeout(60)
  void aWeightThatIsNoneIsRefused(String transport, double weight) throws Exception {
    FakeTraining training = new FakeTraining(1_001, REPLICAS).withTables();
    RunSpec run = training.run("weightless", STEPS);
    try (ParameterServer server = server(run, training, transport)) {
      for (boolean isTable : new boolean[] {false, true}) {
        Worker worker = new Worker("a", 0, REPLICAS, isTable ? 2 : 1);
        try (ParameterClient client = ParameterClients.open(server.location(), worker)) {
          client.values(client.join());
          assertThatThrownBy(
                  () -> {
                    push(client, training, weight, isTable);
                    client.values(1); // behind a socket it is refused later
                  })
              .isInstanceOfSatisfying(
                  ParameterServerException.class,
                  e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL))
              .hasMessageContaining("has weight " + weight);
        }
      }
      assertThat(server.version()).isZero();
    }
  }

  private static void push(
      ParameterClient client, FakeTraining training, double weight, boolean isTable) {
    if (isTable) {
      SparseRows none = new SparseRows(FakeTables.SPECS.get(0).width(), new long[0], new float[0]);
      client.pushRows(0, 0, 0, REPLICAS, none, weight);
    } else {
      client.push(0, 0, 0, REPLICAS, new float[training.length()], weight);
    }
  }
}
