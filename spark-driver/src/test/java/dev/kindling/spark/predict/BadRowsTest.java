package dev.kindling.spark.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Linear;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.Trainer;
import dev.kindling.spark.data.BadRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that cannot be used: the policy of training is that of predictions. */
class BadRowsTest {
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

  /** Rows 4 and 7 are no numbers. */
  private Dataset<Row> people() throws Exception {
    Files.writeString(
        folder.resolve("people.csv"), "x,label\n1,0\n2,1\n3,0\nfour,1\n5,0\n6,1\n?,0\n8,1\n");
    return spark
        .read()
        .schema("x string, label int")
        .option("header", true)
        .csv(folder.resolve("people.csv").toString());
  }

  private static TrainedModel model(BadRows policy) {
    return Trainer.builder(spark)
        .model(new Linear(1, 2))
        .features("x")
        .workers(1)
        .batchSize(4)
        .badRows(policy)
        .build()
        .fit(spark.range(8).selectExpr("string(id) AS x", "int(id % 2) AS label"));
  }

  @Test
  void theFirstIsNamedByFileRowColumnAndValue() throws Exception {
    TrainedModel model = model(BadRows.fail());
    Dataset<Row> data = people();
    assertThatThrownBy(() -> model.transform(data).collectAsList())
        .hasStackTraceContaining("people.csv, row 4: column 'x'")
        .hasStackTraceContaining("four");
  }

  @Test
  void thoseThatMayBeSkippedHaveNoPrediction() throws Exception {
    List<Row> rows = model(BadRows.skip(2)).transform(people()).collectAsList();
    assertThat(rows).hasSize(8);
    for (Row row : rows) {
      boolean isBad = List.of("four", "?").contains(row.getString(0));
      assertThat(row.isNullAt(row.fieldIndex("prediction"))).isEqualTo(isBad);
    }
    assertThatThrownBy(() -> model(BadRows.skip(1)).transform(people()).collectAsList())
        .hasStackTraceContaining("people.csv, row 7")
        .hasStackTraceContaining("this is bad row 2, and at most 1 may be skipped");
  }

  @Test
  void aFunctionOfSqlGivesNothingForThem() throws Exception {
    model(BadRows.skip(2)).registerFunction(spark, "said");
    people().createOrReplaceTempView("people");
    List<Row> rows = spark.sql("SELECT x, said(x) AS said FROM people").collectAsList();
    assertThat(rows).filteredOn(row -> row.isNullAt(1)).hasSize(2);
  }

  /** No partition has more than may be skipped; all of them together have. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void trainingCountsThemOverAllPartitions(int partitions) {
    Dataset<Row> data =
        spark
            .range(0, 40, 1, partitions)
            .selectExpr("if(id % 10 = 3, 'bad', string(id)) AS x", "int(id % 2) AS label");
    Trainer.Builder trainer =
        Trainer.builder(spark).model(new Linear(1, 2)).features("x").workers(2).replicas(2);
    trainer.badRows(BadRows.skip(4)).build().fit(data);
    assertThatThrownBy(() -> trainer.badRows(BadRows.skip(3)).build().fit(data))
        .hasMessageContaining("at most 3 may be skipped")
        .hasMessageContaining("data.bad_rows");
  }
}
