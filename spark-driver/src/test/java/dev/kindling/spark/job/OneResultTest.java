package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.augment.Transform.Cutout;
import dev.kindling.data.augment.Transform.RandomCrop;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.Transport;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spec.Spec;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same configuration gives the bits of one process, whatever computes it. */
class OneResultTest {
  private static final int REPLICAS = 4;
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[4]")
            .setAppName("one result")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "localhost")
            .set("spark.driver.bindAddress", "127.0.0.1");
    spark = new JavaSparkContext(conf);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private static TrainingConfig training() {
    return new TrainingConfig(
        new Sequential(
            new Flatten(),
            new Linear(784, 128),
            new ReLU(),
            new Linear(128, 64),
            new ReLU(),
            new Linear(64, 10)),
        new CrossEntropyLoss(),
        new Adam(0.001),
        new Schedule.Constant(),
        64,
        2,
        REPLICAS,
        1);
  }

  private static SyntheticDigits trainDigits() {
    return SyntheticDigits.train(PIXELS).range(0, 1000);
  }

  private static SyntheticDigits testDigits() {
    return SyntheticDigits.test(PIXELS).range(0, 300);
  }

  private static LocalTrainer onePass() {
    return onePass(training());
  }

  private static LocalTrainer onePass(TrainingConfig training) {
    RowOrder order = new RowOrder(1);
    LocalTrainer trainer =
        new LocalTrainer(
            training, order.slices(trainDigits(), REPLICAS), order.slices(testDigits(), REPLICAS));
    trainer.fit();
    return trainer;
  }

  @ParameterizedTest
  @CsvSource({
    "3,IN_PROCESS,BFLOAT16",
    "2,SOCKET,BFLOAT16",
    "2,IN_PROCESS,FLOAT16",
    "4,SOCKET,FLOAT16"
  })
  void whatTravelsIsRoundedInOneProcessToo(int workers, Transport transport, FloatFormat wire) {
    TrainingConfig rounding = training().over(wire);
    LocalTrainer local = onePass(rounding);
    Epochs epochs = new Epochs();
    float[] values =
        new TrainingJob(spark, rounding, JobOptions.of(workers).via(transport, 0), List.of(epochs))
            .run(
                DatasetRows.drawn(spark, OneResultTest::trainDigits),
                Optional.of(DatasetRows.drawn(spark, OneResultTest::testDigits)));
    assertThat(values).containsExactly(local.values()).isNotEqualTo(onePass().values());
    EpochResult last = epochs.results.get(1);
    assertThat(last.train()).isEqualTo(local.trainMetrics());
    assertThat(last.test()).isEqualTo(local.evaluate());
  }

  private static final class Epochs implements TrainingListener {
    private final List<EpochResult> results = new ArrayList<>();

    @Override
    public void epochEnded(EpochResult result) {
      results.add(result);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,IN_PROCESS",
    "2,IN_PROCESS",
    "3,IN_PROCESS",
    "4,IN_PROCESS",
    "1,SOCKET",
    "2,SOCKET",
    "4,SOCKET"
  })
  void anyNumberOfWorkersAndAnyTransportGiveTheBitsOfOneProcess(int workers, Transport transport) {
    LocalTrainer local = onePass();
    Epochs epochs = new Epochs();
    RowSource train = DatasetRows.drawn(spark, OneResultTest::trainDigits);
    RowSource test = DatasetRows.drawn(spark, OneResultTest::testDigits);
    float[] values =
        new TrainingJob(
                spark, training(), JobOptions.of(workers).via(transport, 0), List.of(epochs))
            .run(train, Optional.of(test));
    assertThat(values).containsExactly(local.values());
    assertThat(epochs.results).hasSize(2);
    EpochResult last = epochs.results.get(1);
    assertThat(last.train()).isEqualTo(local.trainMetrics());
    assertThat(last.test()).isEqualTo(local.evaluate());
    assertThat(last.metrics().sums()).isEqualTo(local.evaluation().sums());
    assertThat(last.metrics().metrics()).containsKeys("f1_macro", "top_5_accuracy", "f1_9");
  }

  /** Evaluated after steps 3, 6, ... by any workers: the bits of a process that stops there. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void stepsBetweenAreEvaluatedTheSameByAnyWorkers(int workers) {
    RowOrder order = new RowOrder(1);
    LocalTrainer local =
        new LocalTrainer(
            training(),
            order.slices(trainDigits(), REPLICAS),
            order.slices(testDigits(), REPLICAS));
    List<EvaluationResult> results = new ArrayList<>();
    Epochs epochs = new Epochs();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void evaluated(EvaluationResult result) {
            results.add(result);
          }
        };
    float[] values =
        new TrainingJob(spark, training(), JobOptions.of(workers), List.of(listener, epochs))
            .evaluatingEvery(3)
            .run(
                DatasetRows.drawn(spark, OneResultTest::trainDigits),
                Optional.of(DatasetRows.drawn(spark, OneResultTest::testDigits)));
    assertThat(epochs.results).hasSize(2);
    long steps = epochs.results.get(0).step();
    assertThat(results)
        .extracting(EvaluationResult::step)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, 2 * steps)
                .filter(step -> step % 3 == 0 && step % steps != 0)
                .boxed()
                .toList());
    for (EvaluationResult result : results) {
      while (local.steps() < result.step()) {
        local.step();
      }
      assertThat(result.test()).isEqualTo(local.evaluate());
      assertThat(result.metrics().sums()).isEqualTo(local.evaluation().sums());
    }
    local.fit();
    assertThat(values).containsExactly(local.values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"test_loss", "train_accuracy"})
  void aMetricSteersTheRateAsInOneProcess(String metric) {
    Schedule falling =
        Schedule.of(
            Spec.of("ReduceLROnPlateau", "metric", metric)
                .with("mode", metric.endsWith("loss") ? "min" : "max", null)
                .with("patience", 0, null)
                .with("threshold", 5, null)
                .with("factor", 0.3, null));
    TrainingConfig constant = training();
    TrainingConfig watching =
        new TrainingConfig(
            constant.model(),
            constant.loss(),
            constant.optimizer(),
            falling,
            constant.batchSize(),
            3,
            REPLICAS,
            constant.seed());
    LocalTrainer local = onePass(watching);
    float[] values =
        new TrainingJob(spark, watching, JobOptions.of(3), List.of())
            .run(
                DatasetRows.drawn(spark, OneResultTest::trainDigits),
                Optional.of(DatasetRows.drawn(spark, OneResultTest::testDigits)));
    assertThat(values).containsExactly(local.values());
  }

  @Test
  void aMetricOfTestRowsNeedsTestRows() {
    TrainingConfig constant = training();
    TrainingConfig watching =
        new TrainingConfig(
            constant.model(),
            constant.loss(),
            constant.optimizer(),
            Schedule.of(Spec.of("ReduceLROnPlateau")),
            constant.batchSize(),
            1,
            REPLICAS,
            constant.seed());
    TrainingJob job = new TrainingJob(spark, watching, JobOptions.of(1), List.of());
    assertThatThrownBy(
            () -> job.run(DatasetRows.drawn(spark, OneResultTest::trainDigits), Optional.empty()))
        .hasMessageContaining("watches test_loss and there are no test rows");
  }

  @Test
  void imagesAreChangedAsInOneProcess() {
    TrainingConfig changing = training().transforming(new RandomCrop(2), new Cutout(6));
    LocalTrainer local = onePass(changing);
    float[] values =
        new TrainingJob(spark, changing, JobOptions.of(3), List.of())
            .run(DatasetRows.drawn(spark, OneResultTest::trainDigits), Optional.empty());
    int parameters = (int) changing.layout().parameters();
    assertThat(Arrays.copyOf(values, parameters))
        .containsExactly(Arrays.copyOf(local.values(), parameters))
        .isNotEqualTo(Arrays.copyOf(onePass().values(), parameters));
  }

  @Test
  void theOrderAndThePartsInWhichRowsArriveDoNotMatter() {
    List<byte[]> rows = new ArrayList<>();
    for (int i = trainDigits().size() - 1; i >= 0; i--) {
      rows.add(trainDigits().row(i));
    }
    RowSource reversed = new RowSource(trainDigits().format(), spark.parallelize(rows, 7));
    float[] values =
        new TrainingJob(spark, training(), JobOptions.of(2), List.of())
            .run(reversed, Optional.empty());
    assertThat(values).containsExactly(onePass().values());
  }
}
