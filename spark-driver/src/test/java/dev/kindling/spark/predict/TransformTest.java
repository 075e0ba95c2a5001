package dev.kindling.spark.predict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.table.Column;
import dev.kindling.data.table.Missing;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.Trainer;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TransformTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Whether x is above 500 is 'high' or 'low'; every hundredth x is missing. */
  private static Dataset<Row> heights() {
    return spark
        .range(1000)
        .selectExpr(
            "nullif(id, id div 100 * 100) AS x",
            "id % 3 AS y",
            "if(id > 500, 'high', 'low') AS label");
  }

  private static TrainedModel classifier() {
    return Trainer.builder(spark)
        .model(new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2)))
        .optimizer(new Adam(0.02))
        .features(Column.number("x").missing(Missing.drop()).standardised(), Column.number("y"))
        .targets(Column.index("label"))
        .batchSize(32)
        .epochs(6)
        .replicas(2)
        .workers(2)
        .build()
        .fit(heights());
  }

  @Test
  void categoriesComeBackByNameAndDroppedRowsAsNull() {
    TrainedModel model = classifier();
    Dataset<Row> said = model.transform(heights());
    assertThat(said.columns())
        .containsExactly("x", "y", "label", "prediction", "category", "probability");
    assertThat(said.filter("x is null").count()).isEqualTo(10);
    assertThat(said.filter("prediction is null").count()).isEqualTo(10);
    assertThat(said.filter("category = label").count()).isGreaterThan(950);
    assertThat(said.select("prediction", "category").distinct().na().drop().count()).isEqualTo(2);
  }

  @Test
  void sqlGivesWhatTransformGives() {
    TrainedModel model = classifier();
    model.registerFunction(spark, "height");
    heights().createOrReplaceTempView("heights");
    List<Row> bySql =
        spark
            .sql(
                "SELECT x, height(struct(x, y)), height_category(struct(x, y)),"
                    + " height_probability(struct(x, y)) FROM heights ORDER BY x")
            .collectAsList();
    List<Row> expected =
        model
            .transform(heights())
            .select("x", "prediction", "category", "probability")
            .orderBy("x")
            .collectAsList();
    assertThat(bySql).hasSize(1000);
    for (int i = 10; i < bySql.size(); i++) {
      assertThat(bySql.get(i).mkString()).isEqualTo(expected.get(i).mkString());
    }
  }

  @Test
  void aFunctionOfOneColumnTakesItAsItIs() {
    Dataset<Row> data =
        spark.range(200).selectExpr("array(id / 100.0, 1) AS features", "id / 50.0 AS label");
    TrainedModel model =
        Trainer.builder(spark)
            .model(new Sequential(new Linear(2, 1)))
            .loss(new MSELoss())
            .optimizer(new Adam(0.05))
            .batchSize(20)
            .epochs(60)
            .replicas(1)
            .build()
            .fit(data);
    model.registerFunction(spark, "twice");
    data.createOrReplaceTempView("numbers");
    Row worst = spark.sql("SELECT max(abs(twice(features) - label)) FROM numbers").first();
    assertThat(worst.getDouble(0)).isLessThan(0.1);
  }

  @Test
  void severalTargetsComeAsAnArray() {
    Dataset<Row> data =
        spark.range(200).selectExpr("id / 100.0 AS x", "id / 50.0 AS a", "1 - id / 100.0 AS b");
    TrainedModel model =
        Trainer.builder(spark)
            .model(new Sequential(new Linear(1, 2)))
            .loss(new MSELoss())
            .optimizer(new Adam(0.05))
            .features("x")
            .targets(Column.number("a"), Column.number("b"))
            .batchSize(20)
            .epochs(60)
            .replicas(1)
            .build()
            .fit(data);
    assertThat(
            model
                .transform(data)
                .selectExpr("abs(prediction[0] - a) + abs(prediction[1] - b) AS off")
                .filter("off > 0.2")
                .count())
        .isZero();
  }
}
