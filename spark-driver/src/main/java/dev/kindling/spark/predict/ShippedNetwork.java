package dev.kindling.spark.predict;

import dev.kindling.nn.Module;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.train.ModelTables;
import dev.kindling.train.Predictor;
import dev.kindling.train.StoredModel;
import dev.kindling.train.table.TrainedTable;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A trained network on its way to the executors: the parameters go once to each JVM, the
 * description with each task, whose copy of it works on the shared parameters. Immutable.
 *
 * @param model the description
 * @param values the flat vector of the parameters
 * @param tables the rows of those that are kept in tables
 * @param rows how the rows of a DataFrame become features
 */
public record ShippedNetwork(
    Module model, Broadcast<float[]> values, Broadcast<TrainedTable[]> tables, DataFrameRows rows)
    implements Serializable {

  /** Sends a network to the executors of a session. */
  public static ShippedNetwork to(SparkSession spark, StoredModel trained, DataFrameRows rows) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new ShippedNetwork(
        trained.model(),
        context.broadcast(trained.values()),
        context.broadcast(trained.tables().toArray(TrainedTable[]::new)),
        rows);
  }

  /** What gives outputs for {@link dev.kindling.train.Evaluation}; one for each task. */
  Predictor outputs() {
    return Predictor.ofOutputs(connected(), values.value(), rows.format());
  }

  /** What computes; one for each task. */
  Predictor predictor() {
    return new Predictor(connected(), values.value(), rows.format());
  }

  private Module connected() {
    ModelTables.connect(model, List.of(tables.value()));
    return model;
  }
}
