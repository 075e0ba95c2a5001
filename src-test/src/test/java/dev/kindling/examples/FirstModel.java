package dev.kindling.examples;

import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.Trainer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The first page's example: three clouds of points, told apart by a small network. */
final class FirstModel {
  private FirstModel() {}

  static Dataset<Row> run(SparkSession spark) {
    // README: from here
    Dataset<Row> points =
        spark
            .range(3000)
            .selectExpr("id % 3 AS label", "2.1 * (id % 3) AS angle")
            .selectExpr(
                "label",
                "array(cos(angle) + 0.4 * randn(1), sin(angle) + 0.4 * randn(2)) AS features")
            .cache();
    TrainedModel model =
        Trainer.builder(spark)
            .model(new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 3)))
            .loss(new CrossEntropyLoss())
            .optimizer(new Adam(0.01))
            .batchSize(64)
            .epochs(5)
            .replicas(2)
            .build()
            .fit(points);
    Dataset<Row> predicted = model.transform(points);
    predicted.groupBy("label").pivot("prediction").count().orderBy("label").na().fill(0).show();
    // to here
    return predicted;
  }
}
