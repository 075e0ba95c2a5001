package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.ps.client.JvmWorkers;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.transport.Traffic;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree.Node;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers of one process that push and pull as one. */
class SharedConnectionsTest {
  private static final int STEPS = 20;
  private static final int REPLICAS = 7;
  private static final List<List<Integer>> ONE = List.of(List.of(0, 1, 2, 3));
  private static final List<List<Integer>> NEIGHBOURS = List.of(List.of(0, 1), List.of(2, 3));
  private static final List<List<Integer>> MIXED = List.of(List.of(0, 3, 5), List.of(1, 2, 4));
  private static final List<List<Integer>> APART =
      List.of(List.of(0), List.of(1), List.of(2), List.of(3));

  private final Queue<Worker> joined = new ConcurrentLinkedQueue<>();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private ParameterServer server(FakeTraining training) {
    return ParameterServer.of(training.run("shared", STEPS), training.initial())
        .transport(Transport.SOCKET)
        .listen("127.0.0.1", "127.0.0.1", 0)
        .listener(
            new ShardListener() {
              @Override
              public void joined(Worker worker) {
                joined.add(worker);
              }

              @Override
              public void failed(Worker worker, String message) {
                failed.add(message);
              }
            })
        .start();
  }

  /** Bytes that the server has received for a step. */
  private double bytesOfAStep(FakeTraining training, List<List<Integer>> processes)
      throws Exception {
    try (ParameterServer server = server(training)) {
      FakeWorkers.run(training, server.location(), processes, 1, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
      return server.traffic().map(Traffic::bytesReceived).orElseThrow() / (double) STEPS;
    }
  }

  @ParameterizedTest
  @EnumSource
  void neighboursOrNotTheBitsAreThoseOfOneProcess(FloatFormat wire) throws Exception {
    FakeTraining training = new FakeTraining(3_001, REPLICAS, new Adam(0.01), wire);
    for (List<List<Integer>> processes : List.of(ONE, NEIGHBOURS, MIXED)) {
      bytesOfAStep(training, processes);
    }
  }

  @Test
  void theRowsOfTablesAreTheSame() throws Exception {
    FakeTraining training = new FakeTraining(301, REPLICAS).withTables();
    for (List<List<Integer>> processes : List.of(ONE, MIXED)) {
      try (ParameterServer server = server(training)) {
        FakeWorkers.run(training, server.location(), processes, 1, STEPS);
        assertThat(server.values()).containsExactly(training.expected(STEPS));
        training.tables().assertTrained(0, server.table(0), STEPS);
        training.tables().assertTrained(1, server.table(1), STEPS);
      }
    }
  }

  /** Eight replicas: two of each worker, four of two neighbours, all eight of four. */
  @Test
  void gradientsAreAddedBeforeTheyAreSent() throws Exception {
    FakeTraining training = new FakeTraining(30_001, 8);
    double apart = bytesOfAStep(training, APART);
    assertThat(bytesOfAStep(training, NEIGHBOURS) / apart).isBetween(0.49, 0.52);
    assertThat(bytesOfAStep(training, ONE) / apart).isBetween(0.24, 0.27);
  }

  @Test
  void oneConnectionServesAllAndEndsWithTheLast() throws Exception {
    FakeTraining training = new FakeTraining(301, 4);
    JvmWorkers both = new JvmWorkers("two", List.of(new Node(0, 2), new Node(2, 4)));
    try (ParameterServer server = server(training)) {
      ParameterClient left = open(server, both, 0, 1);
      ParameterClient right = open(server, both, 1, 1);
      left.join();
      right.join();
      assertThat(joined).hasSize(1);
      assertThat(joined.peek()).hasToString("two (replicas [0, 4), start 1)");
      left.close();
      push(training, right, 1, 0);
      assertThat(server.version()).as("without the other half").isZero();
      right.close();
      FakeWorkers.run(training, server.location(), NEIGHBOURS, 2, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  private static ParameterClient open(
      ParameterServer server, JvmWorkers workers, int index, int incarnation) {
    Node share = workers.replicas().get(index);
    return ParameterClients.open(
        server.location(),
        new Worker("worker " + index, share.lo(), share.hi(), incarnation),
        workers);
  }

  private static void push(FakeTraining training, ParameterClient client, int index, long step)
      throws InterruptedException {
    float[] values = client.values(step);
    training.new Pusher(2 * index, 2 * index + 2).step(step, values, client);
  }

  private <T> Future<T> start(Callable<T> work) {
    return threads.submit(work);
  }

  /** The second asks for the first key when the first has been answered the second. */
  @Test
  void sumsOverAllReplicasReachEachWorkerOnce() throws Exception {
    FakeTraining training = new FakeTraining(301, 4);
    JvmWorkers both = new JvmWorkers("two", List.of(new Node(0, 2), new Node(2, 4)));
    try (ParameterServer server = server(training);
        ParameterClient left = open(server, both, 0, 1);
        ParameterClient right = open(server, both, 1, 1)) {
      left.join();
      right.join();
      for (long key = 0; key < 50; key++) {
        long of = key;
        Future<double[]> first = start(() -> left.reduce(of, new double[] {1}, new double[] {2}));
        double[] second = right.reduce(of, new double[] {3}, new double[] {of});
        assertThat(second).containsExactly(6 + of);
        assertThat(first.get(10, TimeUnit.SECONDS)).containsExactly(second);
      }
      for (long key = 0; key < 3; key++) { // they are known already
        assertThat(left.reduce(key, new double[] {0}, new double[] {0})).containsExactly(6 + key);
      }
      for (long key = 0; key < 3; key++) {
        assertThat(right.reduce(key, new double[] {0}, new double[] {0})).containsExactly(6 + key);
      }
    }
  }

  @Test
  void eachWorkerIsReportedByItself() throws Exception {
    FakeTraining training = new FakeTraining(301, 8);
    try (ParameterServer server = server(training)) {
      FakeWorkers.run(training, server.location(), NEIGHBOURS, 1, STEPS);
      await()
          .untilAsserted(
              () ->
                  assertThat(server.workers())
                      .extracting(progress -> progress.worker().toString())
                      .containsExactlyInAnyOrder(
                          "worker 0 (replicas [0, 2), start 1)",
                          "worker 1 (replicas [2, 4), start 1)",
                          "worker 2 (replicas [4, 6), start 1)",
                          "worker 3 (replicas [6, 8), start 1)"));
    }
  }

  /** The shard gets one sum, which tells nothing; what was added to make it does. */
  @Test
  void theNoiseOfWhatIsAddedHereIsMeasuredHere() throws Exception {
    FakeTraining training = new FakeTraining(301, 2);
    JvmWorkers both = new JvmWorkers("two", List.of(new Node(0, 1), new Node(1, 2)));
    try (ParameterServer server = server(training);
        ParameterClient left = open(server, both, 0, 1);
        ParameterClient right = open(server, both, 1, 1)) {
      left.join();
      right.join();
      training.new Pusher(0, 1).step(0, left.values(0), left);
      training.new Pusher(1, 2).step(0, right.values(0), right);
      left.values(1);
      assertThat(server.noise()).isEqualTo(Estimate.NONE);
      assertThat(left.noise().trace()).isPositive();
      assertThat(right.noise()).as("counted once").isEqualTo(Estimate.NONE);
    }
  }

  @Test
  void anErrorBeforeAWorkerHasJoinedIsTold() {
    FakeTraining training = new FakeTraining(301, 4);
    JvmWorkers both = new JvmWorkers("two", List.of(new Node(0, 2), new Node(2, 4)));
    try (ParameterServer server = server(training);
        ParameterClient right = open(server, both, 1, 1)) {
      right.fail("worker 1, gathering its rows: no such file");
      await().until(() -> !failed.isEmpty());
      assertThat(failed).containsExactly("worker 1, gathering its rows: no such file");
    }
  }

  @Test
  void whatEndsTheConnectionEndsEachWorker() throws Exception {
    FakeTraining training = new FakeTraining(301, 4);
    JvmWorkers both = new JvmWorkers("two", List.of(new Node(0, 2), new Node(2, 4)));
    ParameterServer server = server(training);
    try (ParameterClient left = open(server, both, 0, 1);
        ParameterClient right = open(server, both, 1, 1)) {
      left.join();
      right.join();
      Future<float[]> first = start(() -> left.values(1));
      Future<float[]> second = start(() -> right.values(1));
      server.close();
      for (Future<float[]> each : List.of(first, second)) {
        assertThatThrownBy(() -> each.get(10, TimeUnit.SECONDS)).hasMessageContaining("closed");
      }
    }
  }

  @Test
  void backupsDoNotShare() {
    assertThatThrownBy(() -> new JvmWorkers("two", List.of(new Node(0, 2), new Node(1, 4))))
        .hasMessage("two: two of them compute replica 1; a backup does not share connections");
  }
}
