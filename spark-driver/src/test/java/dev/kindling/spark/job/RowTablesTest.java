package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.RowOrder;
import dev.kindling.data.format.TextDataset;
import dev.kindling.data.format.Vocabulary;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Embedding;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adagrad;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Span;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import dev.kindling.train.table.TrainedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings whose rows are kept in a table, on Spark: the bits of one process. */
class RowTablesTest {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";
  private static final int REPLICAS = 4;
  private static final int DIM = 6;
  private static SparkSession session;
  private static JavaSparkContext spark;
  private static LocalTrainer local;

  @BeforeAll
  static void start() {
    session = LocalSpark.start();
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    RowOrder order = new RowOrder(1);
    local =
        new LocalTrainer(
            training(new Adagrad(0.1)),
            order.slices(text(1), REPLICAS),
            order.slices(text(2), REPLICAS));
    local.fit();
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  private static TrainingConfig training(Optimizer optimizer) {
    return new TrainingConfig(
        new Sequential(
            new Embedding(LETTERS.length(), DIM, true), new Linear(DIM, LETTERS.length())),
        new CrossEntropyLoss(),
        optimizer,
        new ExponentialLR(0.99, Span.steps(1)),
        16,
        3,
        REPLICAS,
        1);
  }

  /** After a letter comes the next one, or now and then another; z is never there. */
  private static TextDataset text(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("a");
    for (int i = 0; i < 2000; i++) {
      int next = random.nextInt(5) == 0 ? random.nextInt(25) : text.charAt(i) - 'a' + 1;
      text.append((char) ('a' + next % 25));
    }
    return new TextDataset(text.toString(), Vocabulary.of(LETTERS), 10);
  }

  private static RowSource rows(long seed) {
    return DatasetRows.drawn(spark, () -> text(seed));
  }

  static Stream<Arguments> exact() {
    return Stream.of(
        Arguments.of(1, new Synchronous(), Transport.IN_PROCESS),
        Arguments.of(2, new Synchronous(), Transport.IN_PROCESS),
        Arguments.of(4, new Synchronous(), Transport.IN_PROCESS),
        Arguments.of(1, new Synchronous(), Transport.SOCKET),
        Arguments.of(2, new Synchronous(), Transport.SOCKET),
        Arguments.of(4, new Synchronous(), Transport.SOCKET),
        Arguments.of(4, new Synchronous(1), Transport.IN_PROCESS),
        Arguments.of(4, new Synchronous(1), Transport.SOCKET));
  }

  @ParameterizedTest(name = "{0} workers, {1}, {2}")
  @MethodSource("exact")
  void anyWorkersGiveTheBitsOfOneProcess(int workers, Policy policy, Transport transport) {
    assertTrainsAsOneProcess(
        JobOptions.of(workers).under(policy, NonFinite.ABORT).via(transport, 0));
  }

  /** Of two each holds some of the rows. */
  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2})
  void serversElsewhereGiveTheBitsOfOneProcess(int count) {
    Secret secret = Secret.of("known to both of them", "the test");
    try (StandaloneServer one = standalone(secret);
        StandaloneServer two = standalone(secret)) {
      List<Address> all =
          Stream.of(one, two)
              .limit(count)
              .map(server -> new Address("127.0.0.1", server.port()))
              .toList();
      assertTrainsAsOneProcess(JobOptions.of(2).with(ServerOptions.external(secret, all)));
    }
  }

  private static StandaloneServer standalone(Secret secret) {
    return new StandaloneServer(secret, "127.0.0.1", 0, 1, null, Optional.empty());
  }

  private static void assertTrainsAsOneProcess(JobOptions options) {
    List<EpochResult> epochs = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochResult result) {
            epochs.add(result);
          }
        };
    TrainingJob job =
        new TrainingJob(spark, training(new Adagrad(0.1)), options, List.of(listener))
            .countingValues(true);
    float[] values = job.run(rows(1), Optional.of(rows(2)));
    assertThat(values).containsExactly(local.values());
    assertThat(epochs.get(2).test()).isEqualTo(local.evaluate());
    assertThat(epochs.get(2).train()).isEqualTo(local.trainMetrics());
    assertThat(epochs.get(2).test().accuracy()).isGreaterThan(0.2);
    TrainedTable table = job.tables().get(0);
    assertThat(table.changed()).isEqualTo(local.tables().get(0).changedRows());
    assertThat(table.changed().keys()).hasSize(25);
    assertThat(table.count()).isEqualTo(26);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(new BoundedStaleness(1), NonFinite.ABORT, "servers.policy synchronous"),
        Arguments.of(new Asynchronous(), NonFinite.ABORT, "servers.policy synchronous"),
        Arguments.of(new Synchronous(), NonFinite.SKIP, "servers.not_finite abort"),
        Arguments.of(new Synchronous(), NonFinite.ROLL_BACK, "servers.not_finite abort"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatTablesDoNotGoTogetherWithIsNamed(Policy policy, NonFinite nonFinite, String message) {
    JobOptions options = JobOptions.of(2).under(policy, nonFinite);
    TrainingJob job = new TrainingJob(spark, training(new Adagrad(0.1)), options, List.of());
    assertThatThrownBy(() -> job.run(rows(1), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.weight is kept as rows of a table (sparse), which needs")
        .hasMessageContaining(message);
  }

  @Test
  void aRuleOfTheWholeGradientIsRefused() {
    TrainingJob job = new TrainingJob(spark, training(new LAMB(0.01)), JobOptions.of(1), List.of());
    assertThatThrownBy(() -> job.run(rows(1), Optional.empty()))
        .hasMessageContaining("table 0.weight")
        .hasMessageContaining("norms of the whole gradient");
  }
}
