package dev.kindling.spark;

import dev.kindling.nn.Module;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.predict.Evaluations;
import dev.kindling.spark.predict.NetworkFunction;
import dev.kindling.spark.predict.Predictions;
import dev.kindling.spark.predict.SavedNetwork;
import dev.kindling.spark.predict.ShippedNetwork;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.Evaluation;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.StoredModel;
import dev.kindling.train.table.TrainedTable;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A network with its trained parameters and with what was learned of its features. Immutable and
 * thread-safe.
 */
public final class TrainedModel {
  private final StoredModel trained;
  private final DataFrameRows rows;

  TrainedModel(StoredModel trained, DataFrameRows rows) {
    this.trained = trained;
    this.rows = rows;
  }

  /**
   * Adds what the network says of each row: for classes {@code prediction} (double, the most
   * probable label), {@code category} (its name, where labels are categories) and {@code
   * probability} (array of float); for one value {@code prediction} (double), for several an array
   * of float. Null where a missing value drops the row, and in rows that cannot be read where
   * {@link dev.kindling.spark.data.BadRows#skip} was said of the training data: up to so many in a
   * partition.
   *
   * @throws dev.kindling.data.DataException naming a feature column that is not there; when the
   *     result is computed, naming file, row, column and value of what cannot be read
   */
  public Dataset<Row> transform(Dataset<Row> data) {
    return Predictions.add(data, ship(data.sparkSession()), rows.count(data.sparkSession()));
  }

  /**
   * What the network is worth on rows with their labels or targets: {@code metric("f1_macro")},
   * {@code metrics()}, and of a classifier ({@link dev.kindling.train.ClassEvaluation}) {@code
   * confusion()}. Computed on the executors; the bits do not depend on the partitions.
   *
   * @throws dev.kindling.data.DataException where there is no row
   */
  public Evaluation evaluate(Dataset<Row> data) {
    return Evaluations.of(data, ship(data.sparkSession()));
  }

  /**
   * Makes the network a function of a session's SQL: {@code SELECT digit(features) FROM images}
   * gives the prediction; {@code digit_probability(features)} and {@code digit_category(features)}
   * give the other columns of {@link #transform}. Several feature columns are given as a struct:
   * {@code price(struct(rooms, age))}. It computes row by row: {@code transform}, which takes
   * batches, is several times faster.
   *
   * @param name of the function
   */
  public void registerFunction(SparkSession spark, String name) {
    ShippedNetwork network = ship(spark);
    for (String column : NetworkFunction.names(network)) {
      NetworkFunction function = NetworkFunction.of(network, column);
      String full = column.equals("prediction") ? name : name + "_" + column;
      spark.udf().register(full, function, function.type());
    }
  }

  private ShippedNetwork ship(SparkSession spark) {
    return ShippedNetwork.to(spark, trained, rows);
  }

  /** The schema of what {@link #transform} makes of rows of a schema. */
  public StructType transformSchema(StructType schema) {
    return Predictions.schema(schema, rows);
  }

  /**
   * Writes network, parameters and what was learned of the features.
   *
   * @param folder on any file system that Hadoop knows
   */
  public void save(SparkSession spark, String folder) {
    new SavedNetwork(trained, rows).write(folder, hadoop(spark));
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws dev.kindling.data.DataException naming the file that holds something else
   */
  public static TrainedModel load(SparkSession spark, String folder) {
    SavedNetwork saved = SavedNetwork.read(folder, hadoop(spark));
    return new TrainedModel(saved.trained(), saved.rows());
  }

  private static Configuration hadoop(SparkSession spark) {
    return spark.sparkContext().hadoopConfiguration();
  }

  /** Copies of the parameters by PyTorch's names; those in tables are in {@link #tables()}. */
  public Map<String, Tensor> stateDict() {
    return FlatParameters.stateDict(FlatParameters.layoutOf(model()), trained.values());
  }

  /** The rows of the parameters that are kept in tables, in the order of the model. */
  public List<TrainedTable> tables() {
    return trained.tables();
  }

  /** The network's description. */
  public Module model() {
    return trained.model();
  }

  /** How rows are read, with what was learned from the training rows. */
  public DataFrameRows rows() {
    return rows;
  }
}
