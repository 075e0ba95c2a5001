package dev.kindling.spark.federated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.LocalFederation;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.RoundResult;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.Dirichlet;
import dev.kindling.federated.partition.Iid;
import dev.kindling.federated.partition.LabelShards;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.FederatedTrainer;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.MetricSums;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Federated rounds on Spark have the bits of the one-process reference. */
class FederatedJobTest {
  private static final int CLIENTS = 20;
  private static final long SEED = 3;
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static SparkSession session;
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    session =
        SparkSession.builder()
            .master("local[4, 3]") // a task may fail twice
            .appName("federated")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate();
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  private static FederatedConfig config(FederatedAlgorithm algorithm, double dropOut) {
    return config(algorithm, dropOut, new CrossEntropyLoss());
  }

  private static FederatedConfig config(FederatedAlgorithm algorithm, double dropOut, Loss loss) {
    return new FederatedConfig(
        new Sequential(new Flatten(), new Linear(784, 16), new ReLU(), new Linear(16, 10)),
        loss,
        new SGD(0.1),
        new Schedule.Constant(),
        algorithm,
        4,
        new Participation(0.4, 1, dropOut),
        LocalTraining.of(2, 10),
        null,
        SEED);
  }

  private static SyntheticDigits digits() {
    return SyntheticDigits.train(PIXELS).range(0, 500);
  }

  private static SyntheticDigits testDigits() {
    return SyntheticDigits.test(PIXELS).range(0, 200);
  }

  private static final class Reports implements FederatedListener {
    private final List<RoundReport> all = new ArrayList<>();

    @Override
    public void roundEnded(RoundReport report) {
      all.add(report);
    }
  }

  private static LocalFederation reference(FederatedConfig config) {
    List<Slice> clients = ClientSlices.of(digits(), new Dirichlet(0.5), CLIENTS, SEED);
    List<Slice> test = ClientSlices.of(testDigits(), new Iid(), TestRows.SHARES, SEED);
    return new LocalFederation(config, clients, test);
  }

  private static ClientSource clients(int parts) {
    RowSource rows = DatasetRows.drawn(spark, FederatedJobTest::digits);
    return ClientShuffle.dealt(rows, new Dirichlet(0.5), CLIENTS, SEED, parts);
  }

  private static void assertBitsOfOneProcess(FederatedAlgorithm algorithm, int parts) {
    assertBitsOfOneProcess(algorithm, parts, new CrossEntropyLoss());
  }

  private static void assertBitsOfOneProcess(FederatedAlgorithm algorithm, int parts, Loss loss) {
    FederatedConfig config = config(algorithm, 0.2);
    LocalFederation local = reference(config);
    List<RoundResult> expected = new ArrayList<>();
    List<MetricSums> tests = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      expected.add(local.round());
      tests.add(local.evaluate());
    }
    Reports reports = new Reports();
    float[] values =
        new FederatedJob(config(algorithm, 0.2, loss), FederatedOptions.plain(), List.of(reports))
            .run(
                clients(parts),
                Optional.of(DatasetRows.drawn(spark, FederatedJobTest::testDigits)));
    assertThat(values).containsExactly(local.server().values());
    for (int round = 0; round < 4; round++) {
      RoundReport report = reports.all.get(round);
      assertThat(report.result()).usingRecursiveComparison().isEqualTo(expected.get(round));
      assertThat(report.test()).isEqualTo(tests.get(round));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7, 20})
  void anyNumberOfPartitionsGivesTheBitsOfOneProcess(int parts) {
    assertBitsOfOneProcess(new FedAvg(), parts);
  }

  @Test
  void theServersVectorsAndControlVariatesDoToo() {
    assertBitsOfOneProcess(new FedAdam(0.01, 0.9, 0.99, 1e-3), 3);
    assertBitsOfOneProcess(new Scaffold(1), 3);
  }

  /** A loss at which the second partition's first attempt breaks, amid a client. */
  private static final class LostTask implements Loss {
    private static final AtomicInteger LOST = new AtomicInteger();

    private final Loss loss = new CrossEntropyLoss();
    private int batches; // each attempt has a copy

    @Override
    public Tensor perSample(Tensor output, Targets target) {
      return loss.perSample(output, target);
    }

    @Override
    public double weight(Targets target) {
      TaskContext task = TaskContext.get();
      if (task != null && task.partitionId() == 1 && task.attemptNumber() == 0 && ++batches == 5) {
        throw new AssertionError("lost for the test, number " + LOST.incrementAndGet());
      }
      return loss.weight(target);
    }

    @Override
    public Spec toSpec() {
      return loss.toSpec();
    }
  }

  @Test
  void aTaskThatIsLostAmidARoundIsComputedAgainToTheSameBits() {
    LostTask.LOST.set(0);
    assertBitsOfOneProcess(new Scaffold(1), 3, new LostTask());
    assertThat(LostTask.LOST.get()).as("tasks that were lost").isPositive();
  }

  private static SyntheticDigits manyDigits() {
    return SyntheticDigits.train(PIXELS).range(0, 1000);
  }

  @Test
  void aThousandClientsStreamThroughTwoTasks() {
    int clients = 1000;
    SyntheticDigits rows = manyDigits();
    LocalFederation local =
        new LocalFederation(
            config(new FedAvg(), 0.2), ClientSlices.of(rows, new Iid(), clients, SEED), List.of());
    local.fit();
    float[] values =
        new FederatedJob(config(new FedAvg(), 0.2), FederatedOptions.plain(), List.of())
            .run(
                ClientShuffle.dealt(
                    DatasetRows.drawn(spark, FederatedJobTest::manyDigits),
                    new Iid(),
                    clients,
                    SEED,
                    2),
                Optional.empty());
    assertThat(values).containsExactly(local.server().values());
  }

  @Test
  void aRunEndsAtItsTarget() {
    Reports reports = new Reports();
    FederatedOptions early = new FederatedOptions(0, 1, 0.1, Optional.empty(), 1, false);
    new FederatedJob(config(new FedAvg(), 0), early, List.of(reports))
        .run(clients(2), Optional.of(DatasetRows.drawn(spark, FederatedJobTest::testDigits)));
    RoundReport last = reports.all.get(reports.all.size() - 1);
    assertThat(last.test().accuracy()).isGreaterThanOrEqualTo(0.1);
    assertThat(reports.all.size()).isLessThanOrEqualTo(4);
  }

  /** The points (x, 2x + 1) of five groups. */
  private static Dataset<Row> line() {
    return session
        .range(100)
        .selectExpr(
            "concat('hospital ', id % 5) AS hospital",
            "cast(id % 10 AS double) / 10 AS features",
            "2 * cast(id % 10 AS double) / 10 + 1 AS label");
  }

  private static FederatedConfig lineConfig(int rounds) {
    return new FederatedConfig(
        new Sequential(new Linear(1, 1)),
        new dev.kindling.nn.MSELoss(),
        new SGD(0.5),
        new Schedule.Constant(),
        new FedAvg(),
        rounds,
        Participation.of(1),
        LocalTraining.of(2, 0),
        null,
        SEED);
  }

  @Test
  void groupsOfAColumnPartitionsAndMadeUpClientsLearnFromADataFrame() {
    FederatedOptions options = new FederatedOptions(0, 10, 2, Optional.empty(), 1, false);
    FederatedTrainer trainer = FederatedTrainer.of(lineConfig(60)).options(options);
    DataSpec columns = DataSpec.of("label", "features");
    for (FederatedTrainer way :
        List.of(
            trainer.data(columns.withGroup("hospital")).clientPerGroup(),
            trainer.clientPerPartition(),
            trainer.partition(new Iid(), 7))) {
      TrainedModel model = way.fit(line().repartition(3));
      assertThat(model.stateDict().get("0.weight").toArray()[0]).isBetween(1.9f, 2.1f);
      assertThat(model.stateDict().get("0.bias").toArray()[0]).isBetween(0.9f, 1.1f);
    }
  }

  @Test
  void aGroupIsTheSameClientHoweverItsRowsLie() {
    FederatedTrainer trainer =
        FederatedTrainer.of(lineConfig(3))
            .data(DataSpec.of("label", "features").withGroup("hospital"))
            .clientPerGroup();
    assertThat(trainer.fit(line().repartition(6)).stateDict().get("0.weight").toArray())
        .containsExactly(trainer.fit(line().coalesce(1)).stateDict().get("0.weight").toArray());
  }

  @Test
  void nobodyWaitsForLongerThanTheDeadline() {
    FederatedConfig endless =
        new FederatedConfig(
            config(new FedAvg(), 0).model(),
            new CrossEntropyLoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            new FedAvg(),
            1,
            Participation.of(1),
            LocalTraining.of(1_000_000, 10),
            null,
            SEED);
    Reports reports = new Reports();
    FederatedOptions options = new FederatedOptions(1, 1, 2, Optional.empty(), 1, false);
    float[] values =
        new FederatedJob(endless, options, List.of(reports)).run(clients(2), Optional.empty());
    assertThat(reports.all.get(0).result().answered()).isEmpty();
    assertThat(values).containsExactly(FlatParameters.initialize(endless.model(), SEED));
  }

  @Test
  void aLabelSplitNeedsLabels() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> FederatedTrainer.of(lineConfig(1)).partition(new LabelShards(2), 3).fit(line()))
        .hasMessageContaining("needs one class label a row");
  }

  @Test
  void rowsKeepTheirOrderInTheSlice() {
    Slice local = ClientSlices.of(digits(), new Dirichlet(0.5), CLIENTS, SEED).get(0);
    Slice first = clients(3).rows().collect().get(0).slice(digits().format());
    assertThat(first.checksum()).isEqualTo(local.checksum());
    assertThat(new RowOrder(SEED).hash(first.row(0)))
        .isLessThan(new RowOrder(SEED).hash(first.row(1)));
  }
}
