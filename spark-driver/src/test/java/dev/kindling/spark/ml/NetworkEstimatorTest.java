package dev.kindling.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.spark.LocalSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkEstimatorTest {
  private static SparkSession spark;
  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> points() {
    return spark
        .range(600)
        .selectExpr(
            "array(cos(2.1 * (id % 3)) + 0.3 * sin(id), sin(2.1 * (id % 3)) + 0.3 * cos(3 * id)) AS point",
            "id % 3 AS sector");
  }

  private static Pipeline pipeline() {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new NetworkEstimator()
                  .setNetwork(new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 3)))
                  .setOptimizer(new Adam(0.02))
                  .setFeaturesCol("point")
                  .setLabelCol("sector")
                  .setBatchSize(32)
                  .setEpochs(4)
                  .setWorkers(2)
                  .setReplicas(2)
                  .setSeed(7)
            });
  }

  private static List<String> said(PipelineModel model) {
    return model.transform(points()).orderBy("point").collectAsList().stream()
        .map(Row::mkString)
        .toList();
  }

  @Test
  void aPipelineFitsAndItsModelIsSavedAndLoaded() throws Exception {
    PipelineModel fitted = pipeline().fit(points());
    Dataset<Row> predicted = fitted.transform(points());
    assertThat(predicted.filter("prediction = sector").count()).isGreaterThan(570);
    assertThat(fitted.transformSchema(points().schema()).fieldNames())
        .containsExactly(predicted.columns());
    String path = folder.resolve("model").toString();
    fitted.write().overwrite().save(path);
    assertThat(said(PipelineModel.load(path))).isEqualTo(said(fitted));
  }

  @Test
  void anEstimatorIsSavedAndLoadedWithAllThatWasSet() throws Exception {
    String path = folder.resolve("pipeline").toString();
    pipeline().save(path);
    assertThat(said(Pipeline.load(path).fit(points()))).isEqualTo(said(pipeline().fit(points())));
  }

  /** A number and a vector of spark.ml as features, two values to predict. */
  @Test
  void severalColumnsAreFeaturesAndSeveralAreTargets() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      double x = i / 100.0 - 1;
      Vector pair = i % 2 == 0 ? Vectors.dense(x * x, 1) : Vectors.dense(x * x, 1).toSparse();
      rows.add(RowFactory.create(x, pair, 2 * x, 1 - x));
    }
    StructType schema =
        new StructType()
            .add("x", DataTypes.DoubleType)
            .add("pair", SQLDataTypes.VectorType())
            .add("a", DataTypes.DoubleType)
            .add("b", DataTypes.DoubleType);
    Dataset<Row> data = spark.createDataFrame(rows, schema);
    NetworkModel model =
        new NetworkEstimator()
            .setNetwork(new Linear(3, 2))
            .setLoss(new MSELoss())
            .setOptimizer(new Adam(0.05))
            .setFeaturesCols("x", "pair")
            .setLabelCols("a", "b")
            .setBatchSize(20)
            .setEpochs(60)
            .setWorkers(1)
            .fit(data);
    Dataset<Row> said = model.transform(data);
    assertThat(said.filter("abs(prediction[0] - a) + abs(prediction[1] - b) > 0.1").count())
        .isZero();
    assertThat(model.network().evaluate(data).metric("r2")).isGreaterThan(0.99);
  }

  @Test
  void withoutANetworkNothingIsFitted() {
    assertThatThrownBy(() -> new NetworkEstimator().fit(points()))
        .hasMessageContaining("setNetwork");
  }
}
