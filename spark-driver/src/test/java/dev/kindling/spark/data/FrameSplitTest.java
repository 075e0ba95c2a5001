package dev.kindling.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.DataException;
import dev.kindling.data.Split;
import dev.kindling.data.Target;
import dev.kindling.data.table.Column;
import dev.kindling.nn.Linear;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Held-out rows are none of those that anything is learned from. */
class FrameSplitTest {
  private static final DataSpec SPEC =
      DataSpec.of("label", "x").withFeatures(Column.number("x").standardised());
  private static SparkSession spark;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> numbers(int partitions) {
    return spark.range(0, 200, 1, partitions).selectExpr("id * id / 7.0D AS x", "id % 2 AS label");
  }

  private static double[] values(Dataset<Row> part) {
    return FrameSplit.only(part).select("x").collectAsList().stream()
        .mapToDouble(row -> row.getDouble(0))
        .sorted()
        .toArray();
  }

  @Test
  void thePartsAreTheSameWithAnyPartitions() throws Exception {
    Split<Dataset<Row>> split = FrameSplit.of(numbers(1), SPEC, 0.25, 3);
    assertThat(values(split.validation())).hasSize(50);
    assertThat(values(split.train())).hasSize(150).doesNotContain(values(split.validation()));
    Split<Dataset<Row>> other = FrameSplit.of(numbers(7).orderBy("label"), SPEC, 0.25, 3);
    assertThat(values(other.validation())).isEqualTo(values(split.validation()));
    Split<Dataset<Row>> ofAnotherSeed = FrameSplit.of(numbers(1), SPEC, 0.25, 4);
    assertThat(values(ofAnotherSeed.validation())).isNotEqualTo(values(split.validation()));
  }

  @Test
  void meansAreThoseOfTheTrainingRowsAlone() throws Exception {
    double[] train = values(FrameSplit.of(numbers(2), SPEC, 0.25, 1).train());
    double[] all =
        numbers(2).select("x").collectAsList().stream()
            .mapToDouble(row -> row.getDouble(0))
            .toArray();
    TrainedModel model =
        Trainer.builder(spark)
            .model(new Linear(1, 2))
            .data(SPEC)
            .replicas(2)
            .workers(2)
            .validation(0.25)
            .build()
            .fit(numbers(2));
    List<Double> mean = model.rows().features().get(0).mean();
    assertThat(mean).hasSize(1);
    assertThat(mean.get(0))
        .isCloseTo(DoubleStream.of(train).average().orElseThrow(), within(1e-9))
        .isNotCloseTo(DoubleStream.of(all).average().orElseThrow(), within(1e-3));
  }

  @Test
  void categoriesAndMediansToo() throws Exception {
    DataSpec spec =
        DataSpec.of("label", "x")
            .withFeatures(
                Column.oneHot("name"),
                Column.number("x").missing(dev.kindling.data.table.Missing.median()));
    Dataset<Row> data =
        spark.range(0, 40, 1, 3).selectExpr("concat('n', id) AS name", "id AS x", "0 AS label");
    Dataset<Row> train = FrameSplit.of(data, spec, 0.5, 1).train();
    DataFrameRows rows = spec.learn(train, shape -> Target.label(2));
    List<String> names =
        FrameSplit.only(train).select("name").collectAsList().stream()
            .map(row -> row.getString(0))
            .sorted()
            .toList();
    assertThat(rows.features().get(0).categories()).hasSize(20).containsExactlyElementsOf(names);
    long[] kept =
        FrameSplit.only(train).select("x").collectAsList().stream()
            .mapToLong(row -> row.getLong(0))
            .sorted()
            .toArray();
    assertThat(rows.features().get(1).fill()).containsExactly((kept[9] + kept[10]) / 2.0);
  }

  @Test
  void aBadRowIsNamedByItsPlaceInTheWholeFile() throws Exception {
    StringBuilder text = new StringBuilder("x,label\n");
    for (int i = 1; i <= 50; i++) {
      text.append(i == 33 ? "many" : i).append(",0\n");
    }
    Files.writeString(folder.resolve("people.csv"), text);
    Dataset<Row> data =
        spark
            .read()
            .schema("x string, label int")
            .option("header", true)
            .csv(folder.resolve("people.csv").toString());
    DataSpec plain = DataSpec.of("label", "x");
    Split<Dataset<Row>> split = FrameSplit.of(data, plain, 0.5, 1);
    DataFrameRows rows = plain.learn(split.train(), shape -> Target.label(1));
    assertThatThrownBy(
            () -> {
              rows.source(split.train()).blocks().collect();
              rows.source(split.validation()).blocks().collect();
            })
        .hasStackTraceContaining(DataException.class.getName())
        .hasMessageContaining("people.csv, row 33: column 'x'");
  }
}
