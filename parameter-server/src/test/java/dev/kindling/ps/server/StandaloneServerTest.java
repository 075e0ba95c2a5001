package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Worker;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.wire.Begin;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that knows no run until a driver brings one. */
class StandaloneServerTest {
  private static final int STEPS = 20;

  @TempDir private Path folder;
  private final Secret secret = Secret.of("known to both of them", "the test");
  private final FakeTraining training = new FakeTraining(3_001, 4);
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private StandaloneServer server;

  @BeforeEach
  void start() {
    server = server();
  }

  private StandaloneServer server() {
    return new StandaloneServer(
        secret, "127.0.0.1", 0, 2, null, Optional.of(CheckpointStores.below(folder)));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Place place(Secret own) {
    return new Place(new Address("127.0.0.1", server.port()), own, null);
  }

  private RemoteServer driver(String run, boolean resume) throws InterruptedException {
    Begin begin = new Begin(training.run(run, STEPS), 5, 2, resume);
    return new RemoteServer(place(secret), begin, training::initial, new Ear(), e -> {});
  }

  private final class Ear implements ShardListener {
    @Override
    public void completed(long version) {
      heard.add("version " + version);
    }

    @Override
    public void checkpointed(long version) {
      heard.add("checkpoint " + version);
    }

    @Override
    public void began(int incarnation) {
      heard.add("start " + incarnation);
    }

    @Override
    public void joined(Worker worker) {
      heard.add(worker.name());
    }

    @Override
    public void failed(Worker worker, String message) {
      heard.add(worker.name() + ": " + message);
    }

    @Override
    public void aborted(ParameterServerException cause) {
      heard.add(cause.reason() + ": " + cause.getMessage());
    }
  }

  @Test
  void trainsToTheSameBits() throws Exception {
    try (RemoteServer run = driver("run-1", false)) {
      FakeWorkers.run(training, run.location(), 3, 1, STEPS);
      assertThat(run.values()).containsExactly(training.expected(STEPS));
      await().until(() -> run.version() == STEPS);
      assertThat(heard).contains("start 1", "worker 0", "worker 2", "version 20");
    }
    assertThat(folder.resolve("run-1/step-20/COMMITTED")).exists();
    assertThat(heard).contains("checkpoint 20");
  }

  /** What a table is travels with the run; its rows stay in the server and in its checkpoints. */
  @Test
  void tablesAreHeldAndKept() throws Exception {
    FakeTraining sparse = new FakeTraining(301, 4).withTables();
    RunSpec spec = sparse.run("sparse", STEPS);
    List<SparseRows> fetched = List.of();
    for (boolean resumes : new boolean[] {false, true}) {
      Begin begin = new Begin(spec, 5, 2, resumes);
      try (RemoteServer run =
          new RemoteServer(place(secret), begin, sparse::initial, new Ear(), e -> {})) {
        FakeWorkers.run(sparse, run.location(), resumes ? 3 : 2, 1, resumes ? STEPS : 13);
        fetched = run.tables();
      }
    }
    Snapshot last =
        new Checkpoints(new LocalCheckpointStore(folder.resolve("sparse")), spec)
            .newest()
            .orElseThrow();
    assertThat(last.values()).containsExactly(sparse.expected(STEPS));
    sparse.tables().assertTrained(0, last.tables().get(0), STEPS);
    sparse.tables().assertTrained(1, last.tables().get(1), STEPS);
    assertThat(fetched)
        .containsExactlyElementsOf(last.tables().stream().map(RowTable::changedRows).toList());
  }

  @Test
  void runsFollowEachOther() throws Exception {
    for (String id : List.of("first", "second")) {
      try (RemoteServer run = driver(id, false)) {
        FakeWorkers.run(training, run.location(), 2, 1, STEPS);
        assertThat(run.values()).containsExactly(training.expected(STEPS));
      }
    }
  }

  /** The rule travels as it is written in a configuration. */
  @Test
  void everyPartOfTheRuleArrives() throws Exception {
    FakeTraining clipped = new FakeTraining(3_001, 4, new ClipByNorm(new Adam(0.01), 0.5));
    RunSpec spec = clipped.run("clipped", STEPS);
    RunSpec skipping = new RunSpec(spec.id(), spec.tree(), spec.update(), STEPS, NonFinite.SKIP);
    Begin begin = new Begin(skipping, 5, 2, false);
    try (RemoteServer run =
        new RemoteServer(place(secret), begin, clipped::initial, new Ear(), e -> {})) {
      FakeWorkers.run(clipped, run.location(), 2, 1, STEPS);
      assertThat(run.values()).containsExactly(clipped.expected(STEPS));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void theBoundOfStalenessTravels(int bound) throws Exception {
    RunSpec spec = training.run("stale", STEPS).with(new BoundedStaleness(bound));
    Begin begin = new Begin(spec, 5, 2, false);
    try (RemoteServer run =
        new RemoteServer(place(secret), begin, training::initial, new Ear(), e -> {})) {
      assertThat(run.location().staleness()).isEqualTo(bound);
      FakeWorkers.run(training, run.location(), 3, 1, STEPS);
      assertThat(run.values()).containsExactly(training.expected(STEPS));
    }
  }

  /** Versions are made, and told on other connections' threads, while the server closes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aStopInTheMiddleOfStepsEndsEveryWorker(int bound) throws Exception {
    long endless = 1_000_000;
    RunSpec spec = new FakeTraining(3_001, 4).run("busy", endless);
    Begin begin = new Begin(spec.with(new BoundedStaleness(bound)), endless, 1, false);
    try (RemoteServer run =
        new RemoteServer(place(secret), begin, training::initial, new Ear(), e -> {})) {
      ExecutorService threads = Executors.newFixedThreadPool(3);
      List<Future<Void>> workers = new ArrayList<>();
      for (int w = 0; w < 3; w++) {
        Node share = run.location().tree().shareOf(w, 3);
        workers.add(threads.submit(() -> runAhead(run.location(), share)));
      }
      await().until(() -> run.version() > 10);
      server.close();
      for (Future<Void> worker : workers) {
        assertThatThrownBy(() -> worker.get(30, TimeUnit.SECONDS))
            .hasCauseInstanceOf(ParameterServerException.class); // a broken pipe may be behind it
      }
      threads.shutdown();
    }
    assertThat(folder.resolve("busy")).isDirectoryContaining("glob:**/step-*");
  }

  private Void runAhead(ServerLocation location, Node share) throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(share.lo(), share.hi());
    Worker worker = new Worker("worker " + share.lo(), share.lo(), share.hi(), 1);
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); ; step++) {
        pusher.step(step, client.recent(step), client);
      }
    }
  }

  @Test
  void oneRunAtATime() throws Exception {
    try (RemoteServer first = driver("first", false)) {
      assertThatThrownBy(() -> driver("second", false))
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL))
          .hasMessageContaining("trains run first");
      FakeWorkers.run(training, first.location(), 2, 1, STEPS);
      assertThat(first.values()).containsExactly(training.expected(STEPS));
    }
  }

  @Test
  void aWorkerWithoutARunIsToldSo() throws Exception {
    RemoteServer run = driver("over", false);
    run.close();
    try (ParameterClient client =
        ParameterClients.open(run.location(), new Worker("late", 0, 4, 1))) {
      assertThatThrownBy(client::join).hasMessageContaining("is over");
    }
  }

  @Test
  void aStopKeepsWhatWasTrained() throws Exception {
    try (RemoteServer run = driver("stopped", false)) {
      FakeWorkers.run(training, run.location(), 2, 1, 7);
      server.close();
      await().until(() -> heard.stream().anyMatch(text -> text.contains("being stopped")));
    }
    assertThat(folder.resolve("stopped/step-5/COMMITTED")).exists();
    server = server();
    try (RemoteServer run = driver("stopped", true)) {
      assertThat(run.version()).isEqualTo(5);
      FakeWorkers.run(training, run.location(), 4, 1, STEPS);
      assertThat(run.values()).containsExactly(training.expected(STEPS));
    }
  }

  @Test
  void aDriverThatIsGoneLeavesThePlace() throws Exception {
    driver("left", false).close();
    try (RemoteServer run = driver("left", true)) {
      assertThat(run.version()).isZero();
      run.abort("enough");
      assertThatThrownBy(() -> FakeWorkers.run(training, run.location(), 2, 1, STEPS))
          .hasMessageContaining("enough");
      await().until(() -> heard.contains("ABORTED: enough"));
    }
  }

  @Test
  void aCheckpointCanBeAskedFor() throws Exception {
    try (RemoteServer run = driver("asked", false)) {
      var saved = run.checkpoint();
      FakeWorkers.run(training, run.location(), 2, 1, 3);
      assertThat(saved.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    }
    assertThat(Files.exists(folder.resolve("asked/step-2/COMMITTED"))).isTrue();
  }

  /** As when another server was too late for the first. */
  @Test
  void theAnswerIsOfTheCheckpointThatWasAskedForLast() throws Exception {
    try (RemoteServer run = driver("twice", false)) {
      run.checkpoint(7);
      var saved = run.checkpoint(13);
      run.values(); // asked for behind them: both have come
      FakeWorkers.run(training, run.location(), 2, 1, STEPS);
      assertThat(saved.get(30, TimeUnit.SECONDS)).isEqualTo(13);
    }
  }

  @Test
  void wrongSecretsAndNamesAreRefused() {
    Begin begin = new Begin(training.run("run", STEPS), 5, 2, false);
    assertThatThrownBy(
            () ->
                new RemoteServer(
                    place(Secret.random()), begin, training::initial, new Ear(), e -> {}))
        .isInstanceOfSatisfying(
            ParameterServerException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION));
    assertThatThrownBy(() -> driver("../elsewhere", false)).hasMessageContaining("../elsewhere");
  }

  @Test
  void metricsTellWhatGoesThroughTheWire() throws Exception {
    try (StatusServer status = new StatusServer(server, "127.0.0.1", 0)) {
      assertThat(get(status, "/health")).isEqualTo("waiting for a run\n");
      try (RemoteServer run = driver("seen", false)) {
        FakeWorkers.run(training, run.location(), 2, 1, STEPS);
        assertThat(get(status, "/health")).isEqualTo("run seen, step 20\n");
        assertThat(get(status, "/metrics"))
            .containsPattern("kindling_received_bytes_total [1-9][0-9]+")
            .containsPattern("kindling_sent_bytes_total [1-9][0-9]+")
            .contains(
                "kindling_queued_bytes ", "kindling_version 20", "kindling_step_seconds_count 20");
      }
    }
  }

  private static RunSpec large(int matrices) {
    FlatLayout.Builder layout = new FlatLayout.Builder();
    for (int i = 0; i < matrices; i++) {
      layout.add(i + ".weight", List.of(1 << 15, 1 << 15), Kind.PARAMETER);
    }
    FlatUpdate update = new FlatUpdate(layout.build(), new Adam(0.01), new Schedule.Constant(), 5);
    return new RunSpec("large", new ReplicaTree(4), update, STEPS);
  }

  /** More than the heap, and more than an array. */
  @ParameterizedTest
  @CsvSource({
    "1, the heap of this server has",
    "8, holds at most 2147483639: spread them over more"
  })
  void aModelThatDoesNotFitIsRefusedWithTheCause(int matrices, String cause) throws Exception {
    Begin begin = new Begin(large(matrices), 5, 2, false);
    assertThatThrownBy(
            () -> new RemoteServer(place(secret), begin, () -> new float[0], new Ear(), e -> {}))
        .isInstanceOf(ParameterServerException.class)
        .satisfies(e -> assertThat(e.getMessage().replaceAll("(?<=\\d),", "")).contains(cause))
        .hasMessageContaining("run large");
    assertGoesOn();
  }

  private void assertGoesOn() throws Exception {
    try (RemoteServer run = driver("after", false)) {
      FakeWorkers.run(training, run.location(), 2, 1, STEPS);
      assertThat(run.values()).containsExactly(training.expected(STEPS));
    }
  }

  /** What only the shards refuse, after the values have been sent. */
  @Test
  void aRunThatCannotStartIsToldWhy() throws Exception {
    FakeTraining sparse =
        new FakeTraining(301, 4, new ClipByNorm(new Adam(0.01), 0.5)).withTables();
    Begin begin = new Begin(sparse.run("sparse", STEPS), 5, 2, false);
    assertThatThrownBy(
            () -> new RemoteServer(place(secret), begin, sparse::initial, new Ear(), e -> {}))
        .isInstanceOf(ParameterServerException.class)
        .hasMessageContaining("table words needs a rule that works on each element alone");
    assertGoesOn();
  }

  private static String get(StatusServer status, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(status.port(), path));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
