package dev.kindling.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.EncodedRows;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Split;
import dev.kindling.data.Target;
import dev.kindling.nn.Linear;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.Trainer;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.TrainingListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Held-out rows depend on their content and the seed alone. */
class ValidationSplitTest {
  private static final RowFormat FORMAT =
      new RowFormat(List.of(2), ElementType.FLOAT32, Target.label(3), Normalisation.none());

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static List<byte[]> rows(int count, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              byte[] row = new byte[FORMAT.length()];
              random.nextBytes(row);
              return row;
            })
        .toList();
  }

  private static RowSource source(List<byte[]> rows, int partitions) {
    JavaRDD<byte[]> blocks =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(new ArrayList<>(rows), partitions);
    return new RowSource(FORMAT, blocks);
  }

  private static List<String> sorted(List<byte[]> rows) {
    return rows.stream().map(row -> HexFormat.of().formatHex(row)).sorted().toList();
  }

  private static List<byte[]> all(Dataset data) {
    return IntStream.range(0, data.size()).mapToObj(data::row).toList();
  }

  @ParameterizedTest
  @CsvSource({"1, 0.1, 3", "7, 0.1, 3", "7, 0.1, 4", "40, 0.33, 3", "3, 0.9, 5"})
  void holdsOutTheRowsThatASplitInOneProcessHoldsOut(int partitions, double fraction, long seed)
      throws Exception {
    List<byte[]> rows = rows(1003, 11);
    Split<Dataset> expected = Split.of(new EncodedRows(FORMAT, rows), fraction, seed);
    List<byte[]> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(partitions));
    Split<RowSource> split = ValidationSplit.of(source(shuffled, partitions), fraction, seed);
    assertThat(sorted(split.validation().blocks().collect()))
        .hasSize((int) Math.rint(fraction * 1003))
        .isEqualTo(sorted(all(expected.validation())));
    assertThat(sorted(split.train().blocks().collect())).isEqualTo(sorted(all(expected.train())));
  }

  @Test
  void equalRowsStayTogether() throws Exception {
    List<byte[]> rows = new ArrayList<>();
    rows(20, 5).forEach(row -> rows.addAll(Collections.nCopies(10, row)));
    Split<RowSource> split = ValidationSplit.of(source(rows, 6), 0.33, 1);
    List<String> held = sorted(split.validation().blocks().collect());
    assertThat(held).hasSize(60); // 66 would cut ten equal rows
    assertThat(sorted(split.train().blocks().collect()))
        .hasSize(140)
        .doesNotContainAnyElementsOf(held);
  }

  @Test
  void aTrainerEvaluatesOnItsShareAndMayStopByIt() {
    List<Long> counts = new ArrayList<>();
    List<EpochResult> epochs = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(RunPlan run, int workers, long step) {
            counts.add(run.rows());
          }

          @Override
          public void epochEnded(EpochResult result) {
            epochs.add(result);
          }
        };
    Trainer.Builder trainer =
        Trainer.builder(spark)
            .model(new Linear(1, 2))
            .features("x")
            .replicas(2)
            .epochs(3)
            .validation(0.25)
            .earlyStopping(new EarlyStopping("test_loss", 2, 0, true))
            .listeners(listener);
    org.apache.spark.sql.Dataset<Row> data =
        spark.range(200).selectExpr("id / 100 AS x", "int(id >= 100) AS label");
    trainer.build().fit(data);
    assertThat(counts).containsExactly(150L);
    assertThat(epochs).isNotEmpty().allMatch(epoch -> epoch.test().count() == 50);
    assertThatThrownBy(() -> trainer.build().fit(data, data)).hasMessageContaining("leave one out");
    assertThatThrownBy(() -> trainer.validation(1)).hasMessageContaining("less than 1");
  }
}
