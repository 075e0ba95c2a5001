package dev.kindling.spark.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.data.table.Column;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.TrainedModel;
import dev.kindling.spark.Trainer;
import dev.kindling.spec.Spec;
import java.util.Arrays;
import java.util.UUID;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Trains a network as a stage of a pipeline, on a column of features (a vector of spark.ml, an
 * array of numbers or bytes) or several of them, and a label or several values:
 *
 * <pre>{@code
 * new Pipeline().setStages(new PipelineStage[] {
 *     new VectorAssembler().setInputCols(...).setOutputCol("features"),
 *     new NetworkEstimator().setNetwork(new Sequential(...)).setEpochs(5)})
 * }</pre>
 *
 * The fitted {@link NetworkModel} adds the columns of {@link TrainedModel#transform}. Not
 * thread-safe, as all stages of spark.ml.
 */
public final class NetworkEstimator extends Estimator<NetworkModel> implements MLWritable {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String uid;
  private final Param<String> network;
  private final Param<String> loss;
  private final Param<String> optimizer;
  private final Param<String> schedule;
  private final Param<String> featuresCol;
  private final StringArrayParam featuresCols;
  private final Param<String> labelCol;
  private final StringArrayParam labelCols;
  private final IntParam batchSize;
  private final IntParam epochs;
  private final IntParam workers;
  private final IntParam replicas;
  private final LongParam seed;

  /** An estimator without a network. */
  public NetworkEstimator() {
    this("network_" + UUID.randomUUID().toString().replace("-", "").substring(24));
  }

  /** With the name that a saved one had. */
  public NetworkEstimator(String uid) {
    this.uid = uid;
    network = new Param<>(this, "network", "the layers, in their written form as JSON");
    loss = new Param<>(this, "loss", "the loss of a sample, in its written form as JSON");
    optimizer = new Param<>(this, "optimizer", "the update rule, in its written form as JSON");
    schedule = new Param<>(this, "schedule", "the learning rate's, in its written form as JSON");
    featuresCol = new Param<>(this, "featuresCol", "the column of the features");
    featuresCols =
        new StringArrayParam(
            this, "featuresCols", "columns of features, in the place of featuresCol");
    labelCol = new Param<>(this, "labelCol", "the column to predict");
    labelCols =
        new StringArrayParam(this, "labelCols", "columns of values, in the place of labelCol");
    batchSize = new IntParam(this, "batchSize", "samples of a step over all workers");
    epochs = new IntParam(this, "epochs", "passes over the data");
    workers = new IntParam(this, "workers", "Spark tasks that train; 0: one for each slot");
    replicas = new IntParam(this, "replicas", "logical replicas; 0: as many as workers");
    seed = new LongParam(this, "seed", "of everything random");
    setDefault(loss, json(new CrossEntropyLoss().toSpec()));
    setDefault(optimizer, json(new Adam(1e-3).toSpec()));
    setDefault(schedule, json(new Schedule.Constant().toSpec()));
    setDefault(featuresCol, "features");
    setDefault(labelCol, "label");
    setDefault(batchSize, 64);
    setDefault(epochs, 1);
    setDefault(workers, 0);
    setDefault(replicas, 0);
    setDefault(seed, 1L);
  }

  private static String json(Spec spec) {
    try {
      return JSON.writeValueAsString(spec.written());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Spec spec(Param<String> param) {
    try {
      return Spec.read(param.name(), JSON.readValue(getOrDefault(param), Object.class));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s: '%s' is no JSON".formatted(param.name(), getOrDefault(param)), e);
    }
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The network; required. */
  public NetworkEstimator setNetwork(Module model) {
    set(network, json(model.toSpec()));
    return this;
  }

  /** The loss; cross-entropy by default. */
  public NetworkEstimator setLoss(Loss choice) {
    set(loss, json(choice.toSpec()));
    return this;
  }

  /** The update rule; Adam with a rate of 0.001 by default. */
  public NetworkEstimator setOptimizer(Optimizer rule) {
    set(optimizer, json(rule.toSpec()));
    return this;
  }

  /** The learning rate's schedule; constant by default. */
  public NetworkEstimator setSchedule(Schedule choice) {
    set(schedule, json(choice.toSpec()));
    return this;
  }

  /** The column of the features; {@code features} by default. */
  public NetworkEstimator setFeaturesCol(String column) {
    set(featuresCol, column);
    return this;
  }

  /** Several columns of features, one beside the other, in the place of one. */
  public NetworkEstimator setFeaturesCols(String... columns) {
    set(featuresCols, columns);
    return this;
  }

  /** Several values to predict, in the place of one. */
  public NetworkEstimator setLabelCols(String... columns) {
    set(labelCols, columns);
    return this;
  }

  /** The column to predict; {@code label} by default. */
  public NetworkEstimator setLabelCol(String column) {
    set(labelCol, column);
    return this;
  }

  /** Samples of a step over all workers; 64 by default. */
  public NetworkEstimator setBatchSize(int samples) {
    set(batchSize, samples);
    return this;
  }

  /** Passes over the data; 1 by default. */
  public NetworkEstimator setEpochs(int passes) {
    set(epochs, passes);
    return this;
  }

  /** Spark tasks that train; one for each slot by default. */
  public NetworkEstimator setWorkers(int tasks) {
    set(workers, tasks);
    return this;
  }

  /** Logical replicas, on which the bits of the result depend; as many as workers by default. */
  public NetworkEstimator setReplicas(int count) {
    set(replicas, count);
    return this;
  }

  /** Of everything random; 1 by default. */
  public NetworkEstimator setSeed(long number) {
    set(seed, number);
    return this;
  }

  /** The network, in its written form as JSON. */
  public Param<String> network() {
    return network;
  }

  /** The loss, in its written form as JSON. */
  public Param<String> loss() {
    return loss;
  }

  /** The update rule, in its written form as JSON. */
  public Param<String> optimizer() {
    return optimizer;
  }

  /** The schedule, in its written form as JSON. */
  public Param<String> schedule() {
    return schedule;
  }

  /** The column of the features. */
  public Param<String> featuresCol() {
    return featuresCol;
  }

  /** Several columns of features. */
  public StringArrayParam featuresCols() {
    return featuresCols;
  }

  /** Several values to predict. */
  public StringArrayParam labelCols() {
    return labelCols;
  }

  /** The column to predict. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** Samples of a step. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** Passes over the data. */
  public IntParam epochs() {
    return epochs;
  }

  /** Spark tasks that train. */
  public IntParam workers() {
    return workers;
  }

  /** Logical replicas. */
  public IntParam replicas() {
    return replicas;
  }

  /** Of everything random. */
  public LongParam seed() {
    return seed;
  }

  @Override
  public NetworkModel fit(Dataset<?> data) {
    if (!isDefined(network)) {
      throw new IllegalArgumentException("NetworkEstimator: no network; call setNetwork(...)");
    }
    TrainedModel trained =
        Trainer.builder(data.sparkSession())
            .model(Modules.of(spec(network)))
            .loss(Loss.of(spec(loss)))
            .optimizer(Optimizer.of(spec(optimizer)))
            .schedule(Schedule.of(spec(schedule)))
            .features(columns(featuresCols, featuresCol))
            .targets(columns(labelCols, labelCol))
            .batchSize((Integer) getOrDefault(batchSize))
            .epochs((Integer) getOrDefault(epochs))
            .workers((Integer) getOrDefault(workers))
            .replicas((Integer) getOrDefault(replicas))
            .seed((Long) getOrDefault(seed))
            .build()
            .fit(data.toDF());
    NetworkModel model = new NetworkModel(uid, trained);
    model.setParent(this);
    return model;
  }

  private Column[] columns(StringArrayParam several, Param<String> one) {
    String[] names = isDefined(several) ? getOrDefault(several) : new String[] {getOrDefault(one)};
    return Arrays.stream(names).map(Column::number).toArray(Column[]::new);
  }

  /** The columns of the input; what the network adds is known once it is fitted. */
  @Override
  public StructType transformSchema(StructType schema) {
    return schema;
  }

  @Override
  public NetworkEstimator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new DefaultParamsWriter(this);
  }

  /** Reads what was saved; pipelines find it by its name. */
  public static MLReader<NetworkEstimator> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what was saved. */
  public static NetworkEstimator load(String path) {
    return read().load(path);
  }
}
