package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.LARS;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begin.Share;
import dev.kindling.spec.Spec;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.GradientSink;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree.Node;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shards of one run in several servers. */
class RemoteServersTest {
  private static final int STEPS = 20;
  private static final int EPOCH = 5;

  /** The three sums of the metrics lie on both sides of a bucket's border. */
  private static final int PARAMETERS = 668;

  @TempDir private Path folder;
  private final Secret secret = Secret.of("known to all of them", "the test");
  private final FakeTraining training = new FakeTraining(PARAMETERS, 4);
  private final List<StandaloneServer> servers = new ArrayList<>();
  private final List<Long> completed = new CopyOnWriteArrayList<>();
  private final Map<Long, float[]> evaluated = new ConcurrentSkipListMap<>();
  private final Map<Long, MetricSums> metrics = new ConcurrentSkipListMap<>();
  private volatile RunServer run;

  private List<Place> start(int count) {
    return start(count, i -> folder.resolve("machine-" + i));
  }

  private List<Place> start(int count, IntFunction<Path> kept) {
    close();
    servers.clear();
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path own = kept.apply(i);
      StandaloneServer server =
          new StandaloneServer(
              secret, "127.0.0.1", 0, 1, null, Optional.of(CheckpointStores.below(own)));
      servers.add(server);
      places.add(new Place(new Address("127.0.0.1", server.port()), secret, null));
    }
    return places;
  }

  @AfterEach
  void close() {
    servers.forEach(StandaloneServer::close);
  }

  private RunServer begin(List<Place> places, RunSpec spec, boolean resume) throws Exception {
    Begin begin = new Begin(spec, EPOCH, 1, resume, true);
    run = new RemoteServers(places, List.of(), begin, training::initial, new Ear(), e -> {});
    return run;
  }

  private final class Ear implements ShardListener {
    @Override
    public void completed(long version) {
      completed.add(version);
    }

    @Override
    public void reduced(long key, double[] sums) {
      assertThat(sums).containsExactly(key * 4);
      evaluated.put(key, run.evaluated());
      metrics.put(key, run.metrics(key));
    }
  }

  /** Workers that meet at the end of each epoch. */
  private void work(int count, long until) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    List<Future<?>> all = new ArrayList<>();
    ServerLocation location = run.location();
    for (int w = 0; w < count; w++) {
      Node share = location.tree().shareOf(w, count);
      Worker worker = new Worker("worker " + w, share.lo(), share.hi(), 1);
      all.add(threads.submit(() -> work(location, worker, until)));
    }
    for (Future<?> one : all) {
      one.get(30, TimeUnit.SECONDS);
    }
    threads.shutdown();
  }

  private Void work(ServerLocation location, Worker worker, long until) throws Exception {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); ; step++) {
        float[] values = client.values(step);
        if (step > 0 && step % EPOCH == 0) {
          double[][] sums = new double[worker.hi() - worker.lo()][];
          Arrays.fill(sums, new double[] {step});
          assertThat(client.reduce(step, sums)).containsExactly(4 * step);
        }
        if (step == until) {
          return null;
        }
        pusher.step(step, values, client);
      }
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {2, 3})
  void trainToTheBitsOfOneProcess(int count) throws Exception {
    RunSpec spec = training.run("shared", STEPS);
    try (RunServer begun = begin(start(count), spec, false)) {
      work(3, STEPS);
      assertThat(begun.values()).containsExactly(training.expected(STEPS));
      await().until(() -> evaluated.containsKey((long) STEPS));
    }
    int offset = Math.toIntExact(spec.update().layout().metricsOffset());
    for (long epoch = EPOCH; epoch <= STEPS; epoch += EPOCH) {
      float[] expected = training.expected(epoch);
      assertThat(evaluated.get(epoch)).containsExactly(expected);
      assertThat(metrics.get(epoch)).isEqualTo(MetricSums.read(expected, offset));
      assertThat(completed).contains(epoch);
    }
    assertThat(completed).isSorted().doesNotHaveDuplicates();
  }

  static Stream<Optimizer> rulesOfTheWholeGradient() {
    return Stream.of(
        new ClipByNorm(new Adam(0.01), 0.5), new LARS(0.1), new ClipByNorm(new LAMB(0.01), 0.5));
  }

  @ParameterizedTest
  @MethodSource("rulesOfTheWholeGradient")
  void measureTheWholeGradientTogether(Optimizer rule) throws Exception {
    FakeTraining whole = new FakeTraining(10_007, 4, rule);
    for (int servers = 2; servers <= 3; servers++) {
      RunSpec spec = whole.run("whole-" + servers, STEPS);
      Begin begin = new Begin(spec, EPOCH, 1, false);
      try (RunServer begun =
          new RemoteServers(
              start(servers), List.of(), begin, whole::initial, new ShardListener() {}, e -> {})) {
        FakeWorkers.run(whole, begun.location(), servers, 1, STEPS);
        assertThat(begun.values()).containsExactly(whole.expected(STEPS));
      }
    }
  }

  /** Only one of them sees it; all let the step change nothing, or go back. */
  @ParameterizedTest
  @EnumSource(
      value = NonFinite.class,
      names = {"SKIP", "ROLL_BACK"})
  void aGradientThatIsNotFiniteIsTreatedAlikeByAll(NonFinite what) throws Exception {
    RunSpec plain = training.run("plain", STEPS);
    float[][] ends = new float[2][];
    for (int servers = 1; servers <= 2; servers++) {
      RunSpec spec = new RunSpec(what + "-" + servers, plain.tree(), plain.update(), STEPS, what);
      try (RunServer begun = begin(start(servers), spec, false)) {
        trainWithOneNaN(begun.location());
        ends[servers - 1] = begun.values();
        await().until(() -> begun.version() == STEPS);
        assertThat(begun.skipped()).isEqualTo(what == NonFinite.SKIP ? 1 : 0);
        assertThat(begun.rolledBack()).isEqualTo(what == NonFinite.ROLL_BACK ? 1 : 0);
      }
    }
    assertThat(ends[1]).containsExactly(ends[0]);
  }

  /** One worker, whose gradient of one step has a NaN in the second bucket. */
  private void trainWithOneNaN(ServerLocation location) throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(0, 4);
    int first = Math.toIntExact(location.buckets().from(1));
    try (ParameterClient client = ParameterClients.open(location, new Worker("a", 0, 4, 1))) {
      for (long step = client.join(); step < STEPS; step++) {
        boolean isBad = step == EPOCH + 2;
        GradientSink spoilt =
            (s, bucket, lo, hi, sums, weight) -> {
              if (isBad && bucket == 1) {
                sums[first] = Float.NaN;
              }
              client.push(s, bucket, lo, hi, sums, weight);
            };
        pusher.step(step, client.values(step), spoilt);
      }
      client.values(STEPS);
    }
  }

  @Test
  void staleStepsOfNoBoundHaveTheSameBits() throws Exception {
    RunSpec spec = training.run("stale", STEPS).with(new BoundedStaleness(0));
    try (RunServer begun = begin(start(2), spec, false)) {
      FakeWorkers.run(training, begun.location(), 2, 1, STEPS);
      assertThat(begun.values()).containsExactly(training.expected(STEPS));
    }
  }

  /** Each holds some of the rows of every table; all go on from the newest step that all have. */
  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {2, 3})
  void holdPartsOfEveryTable(int count) throws Exception {
    FakeTraining sparse = new FakeTraining(301, 4).withTables();
    RunSpec spec = sparse.run("sparse", STEPS);
    assertTrains(sparse, start(count), new Begin(spec, EPOCH, 2, false), 2, 13);
    String last = "sparse/share-%d-of-%d/step-10/COMMITTED".formatted(count, count);
    assertThat(folder.resolve("machine-%d".formatted(count - 1)).resolve(last).toFile().delete())
        .isTrue();
    assertTrains(sparse, start(count), new Begin(spec, EPOCH, 2, true), 3, STEPS);
    for (int i = 0; i < count; i++) {
      String end = "machine-%d/sparse/share-%d-of-%d/step-20".formatted(i, i + 1, count);
      try (Stream<Path> files = Files.list(folder.resolve(end))) {
        assertThat(files.filter(file -> file.toString().endsWith(".rows"))).hasSize(2);
      }
    }
  }

  private void assertTrains(
      FakeTraining sparse, List<Place> places, Begin begin, int workers, long until)
      throws Exception {
    try (RunServer begun =
        new RemoteServers(
            places, List.of(), begin, sparse::initial, new ShardListener() {}, e -> {})) {
      assertThat(begun.version()).isEqualTo(begin.resume() ? EPOCH : 0);
      FakeWorkers.run(sparse, begun.location(), workers, 1, until);
      assertTrained(sparse, begun, until);
    }
  }

  private static void assertTrained(FakeTraining sparse, RunServer begun, long until) {
    assertThat(begun.values()).containsExactly(sparse.expected(until));
    assertThat(begun.tables())
        .containsExactly(
            sparse.tables().trained(0, until).changedRows(),
            sparse.tables().trained(1, until).changedRows());
  }

  /** One has written a checkpoint that the other has not. */
  @Test
  void goOnFromTheNewestStepThatAllHave() throws Exception {
    RunSpec spec = training.run("again", STEPS);
    try (RunServer begun = begin(start(2), spec, false)) {
      FakeWorkers.run(training, begun.location(), 2, 1, 12);
    }
    Path newest = folder.resolve("machine-1/again/share-2-of-2/step-10/COMMITTED");
    await().until(() -> newest.toFile().exists());
    assertThat(newest.toFile().delete()).isTrue();
    try (RunServer begun = begin(start(2), spec, true)) {
      assertThat(begun.version()).isEqualTo(5);
      work(4, STEPS);
      assertThat(begun.values()).containsExactly(training.expected(STEPS));
    }
    assertThatThrownBy(() -> begin(start(3), spec, true))
        .hasMessageContaining("another number of processes");
  }

  /** As shards in executors that are lost come back in as many as are there then. */
  @Test
  void anotherNumberGoesOnFromAFolderThatAllReach() throws Exception {
    Path common = folder.resolve("common");
    FakeTraining sparse = new FakeTraining(PARAMETERS, 4).withTables();
    RunSpec spec = sparse.run("moved", STEPS);
    try (RunServer begun = begin(start(2, i -> common), spec, false)) {
      FakeWorkers.run(sparse, begun.location(), 2, 1, 12);
    }
    try (RunServer begun = begin(start(3, i -> common), spec, true)) {
      assertThat(begun.version()).isEqualTo(10);
      FakeWorkers.run(sparse, begun.location(), 2, 2, 17);
    }
    Begin alone = new Begin(spec, EPOCH, 1, true);
    Place one = start(1, i -> common).get(0);
    try (RunServer begun =
        new RemoteServer(one, alone, sparse::initial, new ShardListener() {}, e -> {})) {
      assertThat(begun.version()).isEqualTo(15);
      FakeWorkers.run(sparse, begun.location(), 2, 3, STEPS);
      assertTrained(sparse, begun, STEPS);
    }
    assertThat(common.resolve("moved")).isDirectoryNotContaining("glob:**/share-*");
    assertThat(common.resolve("moved/step-20/manifest-term-3")).exists();
    try (RunServer begun = begin(start(2, i -> common), spec, true)) {
      assertThat(begun.version()).isEqualTo(STEPS);
      assertTrained(sparse, begun, STEPS);
    }
  }

  /** The other was lost before it had written its first. */
  @Test
  void whereOnlyOneHasACheckpointAllBeginAgain() throws Exception {
    Path common = folder.resolve("common");
    RunSpec spec = training.run("early", STEPS);
    try (RunServer begun = begin(start(2, i -> common), spec, false)) {
      FakeWorkers.run(training, begun.location(), 2, 1, 7);
    }
    Files.delete(common.resolve("early/share-1-of-2/step-5/COMMITTED"));
    for (int count = 2; count <= 3; count++) {
      try (RunServer begun = begin(start(count, i -> common), spec, true)) {
        assertThat(begun.version()).isZero();
      }
    }
  }

  /** None has made the version that they agree on. */
  @Test
  void aCheckpointThatIsAskedForIsOfOneVersion() throws Exception {
    long endless = 1_000_000;
    RunSpec spec = training.run("asked", endless);
    try (RunServer begun =
        run =
            new RemoteServers(
                start(2),
                List.of(),
                new Begin(spec, endless, 1, false),
                training::initial,
                new Ear(),
                e -> {})) {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      for (int w = 0; w < 2; w++) {
        Node share = begun.location().tree().shareOf(w, 2);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), 1);
        threads.submit(() -> runAhead(begun.location(), worker));
      }
      await().until(() -> begun.version() > 50);
      long version = begun.checkpoint().get(60, TimeUnit.SECONDS);
      begun.abort("enough");
      threads.shutdown();
      for (int i = 0; i < 2; i++) {
        Path share = folder.resolve("machine-%d/asked/share-%d-of-2".formatted(i, i + 1));
        assertThat(share.resolve("step-" + version).resolve("COMMITTED")).exists();
      }
    }
  }

  private Void runAhead(ServerLocation location, Worker worker) throws Exception {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); ; step++) {
        pusher.step(step, client.values(step), client);
      }
    }
  }

  private RunSpec watching(String id, String metric, String mode) {
    FlatUpdate plain = training.run(id, STEPS).update();
    Schedule schedule =
        Schedule.of(
            Spec.of("ReduceLROnPlateau")
                .with("metric", metric, null)
                .with("mode", mode, null)
                .with("patience", 0, null)
                .with("factor", 0.5, null));
    FlatUpdate update = new FlatUpdate(plain.layout(), plain.optimizer(), schedule, EPOCH);
    return new RunSpec(id, training.run(id, STEPS).tree(), update, STEPS);
  }

  /** None of them has all of the sums that the schedule follows. */
  @ParameterizedTest
  @CsvSource({"train_loss, min", "train_loss, max", "train_accuracy, max"})
  void aScheduleThatWatchesTrainingMovesInAll(String metric, String mode) throws Exception {
    float[] expected = null;
    double factor = 1;
    for (int count = 1; count <= 3; count++) {
      RunSpec spec = watching("watched-" + count, metric, mode);
      try (RunServer begun = begin(start(count), spec, false)) {
        work(3, STEPS / 2);
      }
      try (RunServer begun = begin(start(count), spec, true)) {
        evaluated.clear();
        work(2, STEPS);
        await().until(() -> evaluated.containsKey((long) STEPS)); // behind what it made of the rate
        expected = count == 1 ? begun.values() : expected;
        factor = count == 1 ? begun.observedFactor() : factor;
        assertThat(Arrays.equals(begun.values(), expected)).as("%d servers", count).isTrue();
        double moved = factor;
        await().until(() -> begun.observedFactor() == moved);
      }
    }
    assertThat(Arrays.equals(expected, training.expected(STEPS))).as("a constant rate").isFalse();
  }

  @Test
  void asynchronousWorkersAreEvaluatedWhereTheyMeet() throws Exception {
    RunSpec spec = training.run("free", STEPS).with(new Asynchronous());
    try (RunServer begun = begin(start(2), spec, false)) {
      work(3, STEPS);
    }
    assertThat(evaluated).containsOnlyKeys(5L, 10L, 15L, 20L);
    assertThat(completed).contains(20L).isSorted().doesNotHaveDuplicates();
  }

  /** What is asked for is of an epoch's end, at which all workers meet. */
  @Test
  void asynchronousWorkersMeetForACheckpointOfAll() throws Exception {
    long endless = 1_000_000;
    RunSpec spec = training.run("free", endless).with(new Asynchronous());
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (RunServer begun =
        new RemoteServers(
            start(2),
            List.of(),
            new Begin(spec, endless, 1, false),
            training::initial,
            new ShardListener() {},
            e -> {})) {
      ServerLocation location = begun.location();
      for (int w = 0; w < 2; w++) {
        Node share = location.tree().shareOf(w, 2);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), 1);
        threads.submit(() -> work(location, worker, endless));
      }
      long version = begun.checkpoint().get(60, TimeUnit.SECONDS);
      begun.abort("enough");
      assertThat(version % EPOCH).isZero();
      for (int i = 0; i < 2; i++) {
        Path share = folder.resolve("machine-%d/free/share-%d-of-2".formatted(i, i + 1));
        assertThat(share.resolve("step-" + version).resolve("COMMITTED")).exists();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void federatedRoundsAreRefused() {
    FederatedRounds rounds =
        new FederatedRounds(round -> new int[] {0, 1}, 2, 1, 1, System::nanoTime);
    RunSpec spec = training.run("refused", STEPS).with(rounds);
    assertThatThrownBy(() -> begin(start(2), spec, false))
        .hasMessageContaining("a standalone server has no federated rounds");
  }

  @Test
  void standbysOfASharedScheduleThatWatchesTrainingAreRefused() {
    Begin begin = new Begin(watching("refused", "train_loss", "min"), EPOCH, 1, false);
    assertThatThrownBy(() -> begin.with(new Share(0, 2, 0, 1)))
        .hasMessageContaining("set servers.standbys to 0");
  }
}
