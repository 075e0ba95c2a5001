package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.BatchShares;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Embedding;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.Span;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.ReplicaSlices;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.TrainingConfig;
import dev.kindling.train.table.RowTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model with a sparse embedding: workers and tables give the bits of one process. */
@Timeout(120)
class SparseEmbeddingTest {
  private static final int SYMBOLS = 200;
  private static final int DIM = 6;
  private static final int REPLICAS = 3;
  private static final int ROWS = 150;
  private static final int BATCH = 10;
  private static final int STEPS = 30;
  private static final RowFormat FORMAT =
      new RowFormat(List.of(4), ElementType.UINT8, Target.label(2), Normalisation.none());

  @TempDir private Path folder;
  private final List<Slice> slices = slices();
  private final RunSpec run =
      new RunSpec("embedding", config().tree(), config().update(ROWS), STEPS)
          .with(config().tables());

  private static List<Slice> slices() {
    SplittableRandom random = new SplittableRandom(5);
    List<SliceBuilder> builders = new ArrayList<>();
    for (int r = 0; r < REPLICAS; r++) {
      builders.add(new SliceBuilder(FORMAT));
    }
    for (int i = 0; i < ROWS; i++) {
      ByteBuffer row = ByteBuffer.allocate(FORMAT.length()).order(ByteOrder.LITTLE_ENDIAN);
      for (int s = 0; s < 4; s++) {
        row.put((byte) random.nextInt(SYMBOLS));
      }
      builders.get(i % REPLICAS).append(row.putInt(random.nextInt(2)).putFloat(1).array());
    }
    return builders.stream().map(SliceBuilder::build).toList();
  }

  /** A model of its own for every thread. */
  private static TrainingConfig config() {
    Sequential model =
        new Sequential(new Embedding(SYMBOLS, DIM, true), new Flatten(), new Linear(4 * DIM, 2));
    return new TrainingConfig(
        model,
        new CrossEntropyLoss(),
        new Adam(0.01),
        new ExponentialLR(0.99, Span.steps(1)),
        BATCH,
        2,
        REPLICAS,
        7);
  }

  private static float[] initial() {
    TrainingConfig config = config();
    return FlatParameters.initialize(config.model(), config.seed());
  }

  private ParameterServer start(ParameterServer.Builder builder, Transport transport) {
    return builder
        .transport(transport)
        .listen("127.0.0.1", "127.0.0.1", 0)
        .checkpoints(new LocalCheckpointStore(folder), 5, 2, e -> {})
        .start();
  }

  private void train(ServerLocation location, int workers, int incarnation, long until)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Node share = location.tree().shareOf(w, workers);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), incarnation);
        all.add(threads.submit(() -> work(location, worker, until)));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private Void work(ServerLocation location, Worker worker, long until)
      throws InterruptedException {
    TrainingConfig config = config();
    ReplicaStep replicas = new ReplicaStep(config, worker.lo(), worker.hi());
    BatchShares shares = new BatchShares(ROWS, REPLICAS, BATCH);
    List<Slice> own = slices.subList(worker.lo(), worker.hi());
    ReplicaSlices data = new ReplicaSlices(FORMAT, own, worker.lo(), shares, config.seed());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); step < until; step++) {
        replicas.run(step, client.values(step), data, client);
      }
      client.values(until);
    }
    return null;
  }

  private void assertTrained(ParameterServer server) {
    LocalTrainer local = new LocalTrainer(config(), slices, slices);
    local.fit();
    assertThat(local.steps()).isEqualTo(STEPS);
    assertThat(server.version()).isEqualTo(STEPS);
    assertThat(server.values()).containsExactly(local.values());
    assertThat(server.table(0).rows()).isEqualTo(local.tables().get(0).rows());
    assertThat(rows(server.table(0))).containsExactly(rows(local.tables().get(0)));
  }

  private static float[] rows(RowTable table) {
    float[] rows = new float[SYMBOLS * DIM];
    table.pull(table.version(), LongStream.range(0, SYMBOLS).toArray(), rows);
    return rows;
  }

  @ParameterizedTest(name = "{0} workers, {1}")
  @CsvSource({
    "1, in-process",
    "2, in-process",
    "3, in-process",
    "1, socket",
    "2, socket",
    "3, socket"
  })
  void workersGiveTheBitsOfOneProcess(int workers, String transport) throws Exception {
    try (ParameterServer server =
        start(ParameterServer.of(run, initial()), Transport.of(transport))) {
      train(server.location(), workers, 1, STEPS);
      assertTrained(server);
    }
  }

  /** Workers are lost and come back in another number; then the shards come back from a file. */
  @Test
  void neitherLostWorkersNorLostShardsChangeTheBits() throws Exception {
    try (ParameterServer first = start(ParameterServer.of(run, initial()), Transport.SOCKET)) {
      train(first.location(), 3, 1, 8);
      train(first.location(), 2, 2, 17);
    }
    Checkpoints kept = new Checkpoints(new LocalCheckpointStore(folder), run);
    var newest = kept.newest().orElseThrow();
    assertThat(newest.version()).isEqualTo(15);
    try (ParameterServer second =
        start(ParameterServer.of(run, newest).term(2), Transport.SOCKET)) {
      train(second.location(), 3, 1, STEPS);
      assertTrained(second);
    }
  }
}
