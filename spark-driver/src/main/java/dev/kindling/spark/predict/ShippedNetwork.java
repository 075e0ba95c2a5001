package dev.kindling.spark.predict;

import dev.kindling.nn.Module;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.train.Predictor;
import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A trained network on its way to the executors: the parameters go once to each JVM, the
 * description with each task, whose copy of it works on the shared parameters. Immutable.
 *
 * @param model the description
 * @param values the flat vector of the parameters
 * @param rows how the rows of a DataFrame become features
 */
public record ShippedNetwork(Module model, Broadcast<float[]> values, DataFrameRows rows)
    implements Serializable {

  /** Sends a network to the executors of a session. */
  public static ShippedNetwork to(
      SparkSession spark, Module model, float[] values, DataFrameRows rows) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new ShippedNetwork(model, context.broadcast(values), rows);
  }

  /** What gives outputs for {@link dev.kindling.train.Evaluation}; one for each task. */
  Predictor outputs() {
    return Predictor.ofOutputs(model, values.value(), rows.format());
  }

  /** What computes; one for each task. */
  Predictor predictor() {
    return new Predictor(model, values.value(), rows.format());
  }
}
