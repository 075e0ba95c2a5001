package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training on Spark under each policy. */
class PolicyTest {
  private static final int REPLICAS = 4;
  private static final int EPOCHS = 4;
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static JavaSparkContext spark;
  private static LocalTrainer local;

  @BeforeAll
  static void start() {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[4]")
            .setAppName("policies")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "localhost")
            .set("spark.driver.bindAddress", "127.0.0.1");
    spark = new JavaSparkContext(conf);
    RowOrder order = new RowOrder(1);
    local =
        new LocalTrainer(
            training(new Adam(0.002)),
            order.slices(trainDigits(), REPLICAS),
            order.slices(testDigits(), REPLICAS));
    local.fit();
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private static TrainingConfig training(Optimizer optimizer) {
    return new TrainingConfig(
        new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10)),
        new CrossEntropyLoss(),
        optimizer,
        new Schedule.Constant(),
        64,
        EPOCHS,
        REPLICAS,
        1);
  }

  private static SyntheticDigits trainDigits() {
    return SyntheticDigits.train(PIXELS).range(0, 1_500);
  }

  private static SyntheticDigits testDigits() {
    return SyntheticDigits.test(PIXELS).range(0, 300);
  }

  /** What a run gave. */
  private record Outcome(float[] values, List<EpochResult> epochs) {
    double accuracy() {
      return epochs.get(epochs.size() - 1).test().accuracy();
    }
  }

  private static Outcome train(Policy policy, int workers, Transport transport) {
    List<EpochResult> epochs = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochResult result) {
            epochs.add(result);
          }
        };
    JobOptions options = JobOptions.of(workers).under(policy, NonFinite.ABORT).via(transport, 0);
    float[] values =
        new TrainingJob(spark, training(new Adam(0.002)), options, List.of(listener))
            .run(
                DatasetRows.drawn(spark, PolicyTest::trainDigits),
                Optional.of(DatasetRows.drawn(spark, PolicyTest::testDigits)));
    assertThat(epochs).hasSize(EPOCHS);
    epochs.forEach(epoch -> assertThat(epoch.train().count()).isEqualTo(1_500));
    return new Outcome(values, epochs);
  }

  static Stream<Arguments> exact() {
    return Stream.of(
        Arguments.of(new BoundedStaleness(0), 3, Transport.IN_PROCESS),
        Arguments.of(new BoundedStaleness(0), 3, Transport.SOCKET),
        Arguments.of(new Synchronous(1), 4, Transport.IN_PROCESS),
        Arguments.of(new Synchronous(1), 4, Transport.SOCKET),
        Arguments.of(new Synchronous(2), 2, Transport.AUTO));
  }

  @ParameterizedTest
  @MethodSource("exact")
  void aBoundOfZeroAndBackupsGiveTheBitsOfSynchronousSteps(
      Policy policy, int workers, Transport transport) {
    Outcome outcome = train(policy, workers, transport);
    assertThat(outcome.values).containsExactly(local.values());
    assertThat(outcome.epochs.get(EPOCHS - 1).test()).isEqualTo(local.evaluate());
  }

  static Stream<Arguments> inexact() {
    return Stream.of(
        Arguments.of(new BoundedStaleness(3), Transport.IN_PROCESS),
        Arguments.of(new BoundedStaleness(3), Transport.SOCKET),
        Arguments.of(new Asynchronous(), Transport.IN_PROCESS),
        Arguments.of(new Asynchronous(), Transport.SOCKET));
  }

  @ParameterizedTest
  @MethodSource("inexact")
  void workersThatDoNotWaitForEachOtherLearnTheDigits(Policy policy, Transport transport) {
    Outcome outcome = train(policy, 3, transport);
    System.out.printf(
        "%s, %s: %.3f, synchronous %.3f%n",
        policy, transport, outcome.accuracy(), local.evaluate().accuracy());
    assertThat(outcome.accuracy()).isGreaterThan(0.6);
  }

  @Test
  void aRuleThatNeedsTheWholeGradientSaysSo() {
    JobOptions options = JobOptions.of(2).under(new Asynchronous(), NonFinite.ABORT);
    TrainingJob job = new TrainingJob(spark, training(new LAMB(0.01)), options, List.of());
    assertThatThrownBy(
            () -> job.run(DatasetRows.drawn(spark, PolicyTest::trainDigits), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("waits for the whole gradient of a step: train synchronously");
  }
}
