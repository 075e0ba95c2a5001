package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.BatchShares;
import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.format.IdxDataset;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.Evaluator;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.ReplicaSlices;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** {@code mnist-mlp} on a part of MNIST through sockets, in float32 and in two bytes a number. */
@EnabledIfEnvironmentVariable(named = NarrowFloatsTest.DATA, matches = ".+")
class NarrowFloatsTest {
  /** Names the folder with {@code mnist/}. */
  static final String DATA = "KINDLING_TEST_DATA";

  private static final double HALF_A_POINT = 0.005;
  private static final int ROWS = 20_000;
  private static final int REPLICAS = 2;
  private static final int BATCH = 64;
  private static final int EPOCHS = 2;
  private static final int SEED = 7;

  private final Path folder = Path.of(System.getenv(DATA), "mnist");
  private final Normalisation pixels = Normalisation.pixels(0.1307, 0.3081);
  private final Dataset train = IdxDataset.train(folder, pixels);
  private final Slice test = SliceBuilder.sliceOf(IdxDataset.test(folder, pixels));
  private final List<Slice> slices = slices();

  private List<Slice> slices() {
    List<Slice> all = new ArrayList<>();
    for (int replica = 0; replica < REPLICAS; replica++) {
      SliceBuilder builder = new SliceBuilder(train.format());
      for (int row = replica; row < ROWS; row += REPLICAS) {
        builder.append(train.row(row));
      }
      all.add(builder.build());
    }
    return all;
  }

  /** A model of its own for every thread. */
  private static TrainingConfig config() {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(784, 128),
            new ReLU(),
            new Linear(128, 64),
            new ReLU(),
            new Linear(64, 10));
    return new TrainingConfig(
        model,
        new CrossEntropyLoss(),
        new Adam(0.001),
        new Schedule.Constant(),
        BATCH,
        EPOCHS,
        REPLICAS,
        SEED);
  }

  private double accuracy(FloatFormat wire) throws Exception {
    TrainingConfig config = config();
    long steps = config.totalSteps(ROWS);
    RunSpec run = new RunSpec(wire.name(), config.tree(), config.update(ROWS), steps).over(wire);
    float[] initial = FlatParameters.initialize(config.model(), config.seed());
    ExecutorService threads = Executors.newFixedThreadPool(REPLICAS);
    try (ParameterServer server =
        ParameterServer.of(run, initial)
            .transport(Transport.SOCKET)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      List<Future<Void>> workers = new ArrayList<>();
      for (int replica = 0; replica < REPLICAS; replica++) {
        Worker worker = new Worker("worker " + replica, replica, replica + 1, 1);
        workers.add(threads.submit(() -> work(server.location(), worker, wire, steps)));
      }
      for (Future<Void> worker : workers) {
        worker.get(3, TimeUnit.MINUTES);
      }
      return new Evaluator(config()).evaluate(server.values(), test).accuracy();
    } finally {
      threads.shutdownNow();
    }
  }

  private Void work(ServerLocation location, Worker worker, FloatFormat wire, long steps)
      throws InterruptedException {
    TrainingConfig config = config().over(wire);
    ReplicaStep replicas = new ReplicaStep(config, worker.lo(), worker.hi());
    BatchShares shares = new BatchShares(ROWS, REPLICAS, BATCH);
    List<Slice> own = slices.subList(worker.lo(), worker.hi());
    ReplicaSlices data = new ReplicaSlices(train.format(), own, worker.lo(), shares, config.seed());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); step < steps; step++) {
        replicas.run(step, client.values(step), data, client);
      }
      client.values(steps);
    }
    return null;
  }

  @Test
  void bfloat16LearnsWhatFloat32Learns() throws Exception {
    System.out.println("seed " + SEED);
    double exact = accuracy(FloatFormat.FLOAT32);
    double narrow = accuracy(FloatFormat.BFLOAT16);
    System.out.printf("test accuracy: %.4f float32, %.4f bfloat16%n", exact, narrow);
    assertThat(exact).isGreaterThan(0.9);
    assertThat(narrow).isBetween(exact - HALF_A_POINT, exact + HALF_A_POINT);
  }
}
