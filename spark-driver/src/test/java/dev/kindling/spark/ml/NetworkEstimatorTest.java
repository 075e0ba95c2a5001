package dev.kindling.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.spark.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
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

  @Test
  void withoutANetworkNothingIsFitted() {
    assertThatThrownBy(() -> new NetworkEstimator().fit(points()))
        .hasMessageContaining("setNetwork");
  }
}
