package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.Adam;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.server.RemoteServers;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.wire.Begin;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients are small integers and the rule subtracts them: sums are exact in any order, and one
 * that is missing or counts twice shows.
 */
class AsynchronousTest {
  private static final int LENGTH = 5_000;
  private static final int REPLICAS = 4;
  private static final int STEPS = 40;

  private static RunSpec run() {
    FlatLayout layout =
        new FlatLayout.Builder().add("weight", List.of(LENGTH), Kind.PARAMETER).build();
    SGD subtract = new SGD(1, 0, 0, 0, false);
    FlatUpdate update = new FlatUpdate(layout, subtract, new Schedule.Constant(), 5);
    return new RunSpec("async", new ReplicaTree(REPLICAS), update, STEPS).with(new Asynchronous());
  }

  private static ParameterServer server(String transport) {
    return server(run(), transport);
  }

  private static ParameterServer server(RunSpec run, String transport) {
    return ParameterServer.of(run, new float[Math.toIntExact(run.buckets().length())])
        .transport(Transport.of(transport))
        .listen("127.0.0.1", "127.0.0.1", 0)
        .start();
  }

  private static float gradient(int replica, long step, int i) {
    return 1 + (replica * 5 + step * 3 + i) % 7;
  }

  /** The sum over steps before {@code until} of all replicas in [lo, hi). */
  private static float[] expected(int lo, int hi, long until, int length) {
    float[] values = new float[length];
    for (int replica = lo; replica < hi; replica++) {
      for (long step = 0; step < until; step++) {
        for (int i = 0; i < LENGTH; i++) {
          values[i] -= gradient(replica, step, i);
        }
      }
    }
    return values;
  }

  private static void push(
      ParameterClient client, RunSpec run, int replica, long step, int bucket) {
    float[] sums = new float[Math.toIntExact(run.buckets().length())];
    for (int i = 0; i < LENGTH; i++) {
      sums[i] = gradient(replica, step, i);
    }
    client.push(step, bucket, replica, replica + 1, sums, 1);
  }

  /** Pushes every replica on its own; now and then something again that was pushed before. */
  private static Void work(ServerLocation at, Node share, int incarnation, long seed, long until)
      throws InterruptedException {
    RunSpec run = run();
    SplittableRandom random = new SplittableRandom(seed + share.lo());
    Worker worker = new Worker("worker " + share.lo(), share.lo(), share.hi(), incarnation);
    try (ParameterClient client = ParameterClients.open(at, worker)) {
      for (long step = client.join(); step < until; step++) {
        client.recent(step);
        for (int replica = share.lo(); replica < share.hi(); replica++) {
          for (int bucket = run.buckets().count() - 1; bucket >= 0; bucket--) {
            push(client, run, replica, step, bucket);
            if (random.nextInt(4) == 0) {
              push(client, run, replica, step, bucket);
            }
          }
        }
        for (int pauses = random.nextInt(20); pauses > 0; pauses--) {
          Thread.yield();
        }
      }
      if (until == STEPS) {
        float[] last = client.values(STEPS);
        assertThat(last).containsExactly(expected(0, REPLICAS, STEPS, last.length));
      } else {
        client.recent(until); // all that was pushed has been taken
      }
    }
    return null;
  }

  private static void workAll(ServerLocation at, int workers, int incarnation, long seed, long to)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<Void>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Node share = at.tree().shareOf(w, workers);
        all.add(threads.submit(() -> work(at, share, incarnation, seed, to)));
      }
      for (Future<Void> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({"in-process, 1", "in-process, 4", "socket, 1", "socket, 3"})
  void everyGradientIsAppliedOnceWhateverTheOrderAndHoweverOftenItComes(
      String transport, int workers) throws Exception {
    try (ParameterServer server = server(transport)) {
      workAll(server.location(), workers, 1, workers, STEPS);
      float[] values = server.values();
      assertThat(server.version()).isEqualTo(STEPS);
      assertThat(values).containsExactly(expected(0, REPLICAS, STEPS, values.length));
    }
  }

  /** One worker runs to the end, one dies in the middle of a step; others compute all again. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void startsInOtherNumbersApplyNothingTwice(String transport) throws Exception {
    try (ParameterServer server = server(transport)) {
      ServerLocation at = server.location();
      try (ParameterClient ahead = ParameterClients.open(at, new Worker("ahead", 0, 2, 1))) {
        for (long step = ahead.join(); step < STEPS; step++) {
          ahead.recent(step);
          for (int bucket = 0; bucket < run().buckets().count(); bucket++) {
            push(ahead, run(), 0, step, bucket);
            push(ahead, run(), 1, step, bucket);
          }
        }
      }
      assertThat(server.version()).isZero();
      try (ParameterClient dying = ParameterClients.open(at, new Worker("dying", 2, 4, 1))) {
        dying.values(dying.join());
        push(dying, run(), 3, 0, run().buckets().count() - 1);
        push(dying, run(), 3, 0, 0);
        dying.recent(0);
      }
      workAll(at, 3, 2, 2, STEPS / 2);
      workAll(at, 4, 3, 3, STEPS);
      assertThat(server.version()).isEqualTo(STEPS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void theNewestValuesAreThereAtOnceAndWaitForNobody(String transport) throws Exception {
    try (ParameterServer server = server(transport)) {
      Worker alone = new Worker("alone", 1, 2, 1);
      try (ParameterClient client = ParameterClients.open(server.location(), alone)) {
        client.join();
        for (long step = 0; step < 6; step++) {
          float[] values = client.values(step);
          assertThat(values).containsExactly(expected(1, 2, step, values.length));
          for (int bucket = 0; bucket < run().buckets().count(); bucket++) {
            push(client, run(), 1, step, bucket);
          }
        }
      }
      assertThat(server.version()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aGradientThatIsNotFiniteEndsTheRunUnapplied(String transport) throws Exception {
    try (ParameterServer server = server(transport)) {
      Worker all = new Worker("all", 0, 4, 1);
      try (ParameterClient client = ParameterClients.open(server.location(), all)) {
        client.values(client.join());
        float[] sums = new float[Math.toIntExact(run().buckets().length())];
        Arrays.fill(sums, Float.NaN);
        assertThatThrownBy(
                () -> {
                  client.push(0, 0, 0, 4, sums, 1);
                  client.values(STEPS);
                })
            .isInstanceOf(ParameterServerException.class)
            .hasMessageContaining("not finite");
      }
      assertThat(server.values()).containsOnly(0);
    }
  }

  /** Two buckets of one gradient are not finite: they are left out, and the rest counts once. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aGradientThatIsNotFiniteIsLeftOutAndCounted(String transport) throws Exception {
    RunSpec plain = run();
    RunSpec run =
        new RunSpec("async", plain.tree(), plain.update(), STEPS, NonFinite.SKIP)
            .with(new Asynchronous());
    int replica = 2;
    long badStep = 3;
    float[] bad = new float[Math.toIntExact(run.buckets().length())];
    Arrays.fill(bad, Float.POSITIVE_INFINITY);
    int end = Math.toIntExact(run.buckets().to(1));
    try (ParameterServer server = server(run, transport)) {
      ServerLocation at = server.location();
      work(at, new Node(0, 2), 1, 1, 5);
      try (ParameterClient client = ParameterClients.open(at, new Worker("bad", 2, 4, 1))) {
        for (long step = client.join(); step < 5; step++) {
          client.recent(step);
          for (int bucket = 0; bucket < run.buckets().count(); bucket++) {
            for (int again = 0; again < 2; again++) {
              if (step == badStep && bucket < 2) {
                client.push(step, bucket, replica, replica + 1, bad, 1);
              } else {
                push(client, run, replica, step, bucket);
              }
            }
            push(client, run, 3, step, bucket);
          }
        }
        client.recent(5);
      }
      assertThat(server.version()).isEqualTo(5);
      assertThat(server.skipped()).isEqualTo(1);
      float[] wanted = expected(0, REPLICAS, 5, bad.length);
      for (int i = 0; i < end; i++) {
        wanted[i] += gradient(replica, badStep, i);
      }
      assertThat(server.values()).containsExactly(wanted);
    }
  }

  @Test
  void goingBackIsRefused() {
    RunSpec plain = run();
    RunSpec run = new RunSpec("async", plain.tree(), plain.update(), STEPS, NonFinite.ROLL_BACK);
    assertThatThrownBy(() -> server(run.with(new Asynchronous()), "in-process"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not_finite roll_back waits for the whole gradient");
  }

  /** The common worker loop and a rule with state: finite, and every element has moved. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void theWorkerLoopOfTheOtherPoliciesTrains(String transport) throws Exception {
    FakeTraining training = new FakeTraining(3_001, REPLICAS, new Adam(0.01));
    RunSpec run = training.run("async", STEPS).with(new Asynchronous());
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      FakeWorkers.run(training, server.location(), 3, 1, STEPS);
      assertThat(server.version()).isEqualTo(STEPS);
      for (float value : server.values()) {
        assertThat(value).isFinite();
      }
      assertThat(server.values()).isNotEqualTo(training.initial());
    }
  }

  /** The workers end together: nothing of the next step is in what is kept. */
  @Test
  void theServerComesBackFromACheckpointWhereAllHaveMet(@TempDir Path folder) throws Exception {
    LocalCheckpointStore store = new LocalCheckpointStore(folder);
    float[] values = new float[Math.toIntExact(run().buckets().length())];
    try (ParameterServer server =
        ParameterServer.of(run(), values).checkpoints(store, STEPS / 2, 2, e -> {}).start()) {
      workAll(server.location(), 3, 1, 1, STEPS / 2);
    }
    Snapshot kept = new Checkpoints(store, run()).newest().orElseThrow();
    assertThat(kept.version()).isEqualTo(STEPS / 2);
    try (ParameterServer server = ParameterServer.of(run(), kept).term(2).start()) {
      workAll(server.location(), 4, 1, 2, STEPS);
      assertThat(server.values()).containsExactly(expected(0, REPLICAS, STEPS, values.length));
    }
  }

  /** Each applies what comes for its buckets by itself, and goes on from its own checkpoint. */
  @Test
  void severalProcessesApplyEveryGradientOnce(@TempDir Path folder) throws Exception {
    Secret secret = Secret.of("known to all of them", "the test");
    float[] values = new float[Math.toIntExact(run().buckets().length())];
    for (long until : new long[] {STEPS / 2, STEPS}) {
      try (StandaloneServer one = standalone(secret, folder.resolve("1"));
          StandaloneServer two = standalone(secret, folder.resolve("2"));
          RunServer both =
              new RemoteServers(
                  List.of(place(one, secret), place(two, secret)),
                  List.of(),
                  new Begin(run(), STEPS / 2, 2, until == STEPS),
                  values::clone,
                  new ShardListener() {},
                  e -> {})) {
        assertThat(both.version()).isEqualTo(until - STEPS / 2);
        workAll(both.location(), 2, 1, 1, until - 7);
        workAll(both.location(), 3, 2, 2, until);
        assertThat(both.values()).containsExactly(expected(0, REPLICAS, until, values.length));
      }
    }
  }

  private static StandaloneServer standalone(Secret secret, Path kept) {
    return new StandaloneServer(
        secret, "127.0.0.1", 0, 1, null, Optional.of(CheckpointStores.below(kept)));
  }

  private static Place place(StandaloneServer server, Secret secret) {
    return new Place(new Address("127.0.0.1", server.port()), secret, null);
  }

  @Test
  void aCheckpointWithGradientsOfLaterStepsIsNotKept(@TempDir Path folder) throws Exception {
    List<IOException> failures = new CopyOnWriteArrayList<>();
    float[] values = new float[Math.toIntExact(run().buckets().length())];
    LocalCheckpointStore store = new LocalCheckpointStore(folder);
    try (ParameterServer server =
        ParameterServer.of(run(), values).checkpoints(store, 5, 2, failures::add).start()) {
      work(server.location(), new Node(0, 2), 1, 1, 7); // ahead of the others
      work(server.location(), new Node(2, 4), 1, 2, 6);
    }
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).hasMessageContaining("step 5").hasMessageContaining("later steps");
    assertThat(new Checkpoints(store, run()).newest()).isEmpty();
  }

  @Test
  void aRuleOfTheWholeGradientIsRefused() {
    FakeTraining training = new FakeTraining(1_001, REPLICAS, new LAMB(0.01));
    RunSpec whole = training.run("async", STEPS).with(new Asynchronous());
    assertThatThrownBy(() -> ParameterServer.of(whole, training.initial()).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("whole gradient");
  }
}
