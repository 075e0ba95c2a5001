package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.LARS;
import dev.kindling.optim.Optimizer;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that look at all of the gradient before any of it is applied. */
class WholeGradientTest {
  private static final int STEPS = 12;
  private static final int BAD_STEP = 5;

  static Stream<Optimizer> rules() {
    return Stream.of(new ClipByNorm(new Adam(0.01), 0.5), new LARS(0.1), new LAMB(0.01));
  }

  private static ParameterServer.Builder server(RunSpec run, FakeTraining training, String how) {
    return ParameterServer.of(run, training.initial())
        .transport(Transport.of(how))
        .listen("127.0.0.1", "127.0.0.1", 0);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void haveTheBitsOfOneProcessWhateverThePlacement(Optimizer rule) throws Exception {
    for (String how : List.of("in-process", "socket")) {
      for (int workers = 1; workers <= 4; workers++) {
        FakeTraining training = new FakeTraining(10_007, 4, rule);
        RunSpec run = training.run("whole", STEPS);
        try (ParameterServer server = server(run, training, how).start()) {
          FakeWorkers.run(training, server.location(), workers, 1, STEPS);
          assertThat(server.values())
              .as("%d workers, %s", workers, how)
              .containsExactly(training.expected(STEPS));
        }
      }
    }
  }

  @Test
  void startAgainWithoutLosingAStep() throws Exception {
    FakeTraining training = new FakeTraining(10_007, 4, new LAMB(0.01));
    RunSpec run = training.run("whole", STEPS);
    try (ParameterServer server = server(run, training, "in-process").start()) {
      ServerLocation at = server.location();
      FakeTraining.Pusher half = training.new Pusher(0, 4);
      try (ParameterClient client = ParameterClients.open(at, new Worker("a", 0, 4, 1))) {
        float[] values = client.values(client.join());
        half.step(0, values, client);
        values = client.values(1);
        float[] sums = new float[training.length()];
        client.push(1, 3, 0, 4, sums, 1); // of another gradient, to be discarded
        assertThat(values).containsExactly(training.expected(1));
      }
      FakeWorkers.run(training, at, 3, 2, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  /** Pushes the gradients of the fake training, but for one step something that is not finite. */
  private static void train(
      FakeTraining training, ServerLocation location, float bad, List<float[]> seen)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(0, 4);
    try (ParameterClient client = ParameterClients.open(location, new Worker("a", 0, 4, 1))) {
      for (long step = client.join(); step < STEPS; step++) {
        float[] values = client.values(step);
        seen.add(values.clone());
        boolean isBad = step == BAD_STEP;
        pusher.step(
            step,
            values,
            (s, bucket, lo, hi, sums, weight) -> {
              if (isBad && bucket == 4) {
                sums[5_100] = bad;
              }
              client.push(s, bucket, lo, hi, sums, weight);
            });
      }
      seen.add(client.values(STEPS).clone());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aStepThatIsNotFiniteIsSkippedAndCounted(float bad) throws Exception {
    for (Optimizer rule : List.of(new Adam(0.01), new LAMB(0.01))) {
      FakeTraining training = new FakeTraining(10_007, 4, rule);
      RunSpec plain = training.run("skip", STEPS);
      RunSpec run = new RunSpec("skip", plain.tree(), plain.update(), STEPS, NonFinite.SKIP);
      List<Long> skipped = new ArrayList<>();
      ShardListener listener =
          new ShardListener() {
            @Override
            public void skipped(long step) {
              skipped.add(step);
            }
          };
      List<float[]> seen = new ArrayList<>();
      try (ParameterServer server = server(run, training, "socket").listener(listener).start()) {
        train(training, server.location(), bad, seen);
        assertThat(server.skipped()).isEqualTo(1);
      }
      assertThat(skipped).containsExactly((long) BAD_STEP);
      assertThat(seen.get(BAD_STEP)).containsExactly(training.expected(BAD_STEP));
      assertThat(seen.get(BAD_STEP + 1)).containsExactly(seen.get(BAD_STEP));
      assertThat(seen.get(BAD_STEP + 2)).isNotEqualTo(seen.get(BAD_STEP));
      for (float value : seen.get(STEPS)) {
        assertThat(value).isFinite();
      }
    }
  }

  /** Epochs have five steps: step 7 goes back to version 5, the start is version 0. */
  @ParameterizedTest
  @CsvSource({"in-process, 1, 7, 5", "in-process, 3, 7, 5", "socket, 2, 7, 5", "socket, 3, 3, 0"})
  void aStepThatIsNotFiniteGoesBackToTheVersionKept(
      String how, int workers, long badStep, long kept) throws Exception {
    for (Optimizer rule : List.of(new Adam(0.01), new LAMB(0.01))) {
      FakeTraining training = new FakeTraining(10_007, 4, rule);
      List<Long> wentBack = new CopyOnWriteArrayList<>();
      ShardListener listener =
          new ShardListener() {
            @Override
            public void rolledBack(long step, long version) {
              wentBack.addAll(List.of(step, version));
            }
          };
      try (ParameterServer server =
          server(rollingBack(training), training, how).listener(listener).start()) {
        trainTogether(training, server.location(), workers, Set.of(badStep), badStep + 1);
        assertThat(wentBack).containsExactly(badStep, kept);
        assertThat(server.version()).isEqualTo(badStep + 1);
        float[] values = server.values();
        int metrics = Math.toIntExact(rollingBack(training).update().layout().metricsOffset());
        assertThat(Arrays.copyOf(values, metrics))
            .containsExactly(Arrays.copyOf(training.expected(kept), metrics));
        assertThat(Arrays.copyOfRange(values, metrics, values.length))
            .containsExactly(
                Arrays.copyOfRange(training.expected(badStep), metrics, values.length));
        trainTogether(training, server.location(), workers, Set.of(), STEPS);
        assertThat(server.version()).isEqualTo(STEPS);
        assertThat(server.rolledBack()).isEqualTo(1);
        assertThat(server.values()).isNotEqualTo(values);
      }
    }
  }

  @Test
  void whatFollowsARollBackIsTheSameForEveryPlacement() throws Exception {
    FakeTraining training = new FakeTraining(10_007, 4, new Adam(0.01));
    List<float[]> ends = new ArrayList<>();
    for (String how : List.of("in-process", "socket")) {
      for (int workers = 1; workers <= 3; workers++) {
        try (ParameterServer server = server(rollingBack(training), training, how).start()) {
          trainTogether(training, server.location(), workers, Set.of(2L, 8L, 9L), STEPS);
          assertThat(server.rolledBack()).isEqualTo(3);
          ends.add(server.values());
        }
      }
    }
    assertThat(ends).allSatisfy(end -> assertThat(end).containsExactly(ends.get(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aRunThatComesBackToTheSameVersionAgainAndAgainEnds(String how) throws Exception {
    FakeTraining training = new FakeTraining(10_007, 4, new Adam(0.01));
    try (ParameterServer server = server(rollingBack(training), training, how).start()) {
      ServerLocation at = server.location();
      assertThatThrownBy(() -> trainTogether(training, at, 1, Set.of(5L, 6L, 7L, 8L), STEPS))
          .hasRootCauseInstanceOf(ParameterServerException.class)
          .hasMessageContaining("step 8")
          .hasMessageContaining("after going back to version 5 3 times");
      assertThat(server.rolledBack()).isEqualTo(3);
      assertThat(server.version()).isEqualTo(8);
    }
  }

  private static RunSpec rollingBack(FakeTraining training) {
    RunSpec plain = training.run("back", STEPS);
    return new RunSpec("back", plain.tree(), plain.update(), STEPS, NonFinite.ROLL_BACK);
  }

  private int incarnation;

  /** Workers of a new start; at bad steps the first one's last bucket holds a NaN. */
  private void trainTogether(
      FakeTraining training, ServerLocation at, int workers, Set<Long> bad, long until)
      throws Exception {
    int start = ++incarnation;
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<Void>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Node share = at.tree().shareOf(w, workers);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), start);
        all.add(threads.submit(() -> trainUntil(training, at, worker, bad, until)));
      }
      for (Future<Void> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void trainUntil(
      FakeTraining training, ServerLocation at, Worker worker, Set<Long> bad, long until)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(at, worker)) {
      for (long step = client.join(); step < until; step++) {
        boolean isBad = worker.lo() == 0 && bad.contains(step);
        pusher.step(
            step,
            client.values(step),
            (s, bucket, lo, hi, sums, weight) -> {
              if (isBad && bucket == 4) {
                sums[5_100] = Float.NaN;
              }
              client.push(s, bucket, lo, hi, sums, weight);
            });
      }
      client.values(until);
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aStepThatIsNotFiniteEndsTheRun(String how) {
    for (Optimizer rule : List.of(new Adam(0.01), new LAMB(0.01))) {
      FakeTraining training = new FakeTraining(10_007, 4, rule);
      RunSpec run = training.run("abort", STEPS);
      try (ParameterServer server = server(run, training, how).start()) {
        assertThatThrownBy(() -> train(training, server.location(), Float.NaN, new ArrayList<>()))
            .isInstanceOfSatisfying(
                ParameterServerException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED))
            .hasMessageContaining("step 5: the gradient")
            .hasMessageContaining("not finite");
        assertThat(server.version()).isEqualTo(BAD_STEP);
        assertThat(server.values()).containsExactly(training.expected(BAD_STEP));
      }
    }
  }

  /** The worker may be ahead: the step that is not finite is not applied, those before it are. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aStepThatIsNotFiniteEndsAStaleRun(String how) {
    FakeTraining training = new FakeTraining(10_007, 4);
    RunSpec run = training.run("stale", STEPS).with(new BoundedStaleness(2));
    try (ParameterServer server = server(run, training, how).start()) {
      assertThatThrownBy(() -> train(training, server.location(), Float.NaN, new ArrayList<>()))
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.DIVERGED))
          .hasMessageContaining("step 5: the gradient");
      assertThat(server.version()).isEqualTo(BAD_STEP);
      assertThat(server.values()).containsExactly(training.expected(BAD_STEP));
    }
  }

  /** Both bring what is not finite; it is one step. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void aStepThatTwoWorkersBringIsSkippedOnce(String how) throws Exception {
    FakeTraining training = new FakeTraining(10_007, 4);
    List<float[]> ends = new ArrayList<>();
    for (int backups = 0; backups <= 1; backups++) {
      RunSpec plain = training.run("backup", STEPS).with(new Synchronous(backups));
      RunSpec run =
          new RunSpec("backup", plain.tree(), plain.update(), STEPS, NonFinite.SKIP)
              .with(plain.policy());
      ExecutorService threads = Executors.newFixedThreadPool(1 + backups);
      try (ParameterServer server = server(run, training, how).start()) {
        List<Future<Void>> all = new ArrayList<>();
        for (int w = 0; w <= backups; w++) {
          Worker worker = new Worker("worker " + w, 0, 4, 1);
          all.add(threads.submit(() -> trainOvertaken(training, server.location(), worker)));
        }
        for (Future<Void> one : all) {
          one.get(60, TimeUnit.SECONDS);
        }
        assertThat(server.skipped()).isEqualTo(1);
        ends.add(server.values());
      } finally {
        threads.shutdownNow();
      }
    }
    assertThat(ends.get(1)).containsExactly(ends.get(0));
  }

  private static Void trainOvertaken(FakeTraining training, ServerLocation at, Worker worker)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(at, worker)) {
      for (long step = client.join(); step < STEPS; step = client.next(step)) {
        boolean isBad = step == BAD_STEP;
        pusher.step(
            step,
            client.values(step),
            (s, bucket, lo, hi, sums, weight) -> {
              if (isBad && bucket == 4) {
                sums[5_100] = Float.NaN;
              }
              client.push(s, bucket, lo, hi, sums, weight);
            });
      }
      client.values(STEPS);
    }
    return null;
  }
}
