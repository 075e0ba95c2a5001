package dev.kindling.spark;

import dev.kindling.nn.Module;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.Predictions;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatParameters;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A network with its trained parameters. Immutable and thread-safe. */
public final class TrainedModel {
  private final Module model;
  private final FlatLayout layout;
  private final float[] values;
  private final DataFrameRows rows;

  TrainedModel(Module model, FlatLayout layout, float[] values, DataFrameRows rows) {
    this.model = model;
    this.layout = layout;
    this.values = values;
    this.rows = rows;
  }

  /**
   * Adds what the network says of each row: for classes {@code prediction} (double, the most
   * probable class) and {@code probability} (array of float); for values {@code prediction} alone.
   */
  public Dataset<Row> transform(Dataset<Row> data) {
    return Predictions.add(data, model, values, rows);
  }

  /** Copies of the parameters by PyTorch's names. */
  public Map<String, Tensor> stateDict() {
    return FlatParameters.stateDict(layout, values);
  }

  /** The network's description. */
  public Module model() {
    return model;
  }
}
