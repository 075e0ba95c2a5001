package dev.kindling.spark.ml;

import dev.kindling.spark.TrainedModel;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** A trained network as a stage of a pipeline. */
public final class NetworkModel extends Model<NetworkModel> implements MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final transient TrainedModel network;

  NetworkModel(String uid, TrainedModel network) {
    this.uid = uid;
    this.network = network;
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The network itself, for its parameters and functions of SQL. */
  public TrainedModel network() {
    return network;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> data) {
    return network.transform(data.toDF());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return network.transformSchema(schema);
  }

  @Override
  public NetworkModel copy(ParamMap extra) {
    return copyValues(new NetworkModel(uid, network), extra);
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  private static final class Writer extends MLWriter {
    private final NetworkModel model;

    Writer(NetworkModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      new DefaultParamsWriter(model).saveImpl(path);
      model.network.save(sparkSession(), path + "/network");
    }
  }

  /** Reads what was saved; pipelines find it by its name. */
  public static MLReader<NetworkModel> read() {
    return new Reader();
  }

  private static final class Reader extends MLReader<NetworkModel> {
    @Override
    public NetworkModel load(String path) {
      String uid = DefaultParamsReader.loadMetadata(path, sparkSession()).uid();
      return new NetworkModel(uid, TrainedModel.load(sparkSession(), path + "/network"));
    }
  }

  /** Reads what was saved. */
  public static NetworkModel load(String path) {
    return read().load(path);
  }
}
