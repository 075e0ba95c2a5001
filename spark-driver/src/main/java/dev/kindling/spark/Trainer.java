package dev.kindling.spark;

import dev.kindling.data.Normalisation;
import dev.kindling.data.augment.Transform;
import dev.kindling.data.table.Column;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.data.BadRows;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.LossTarget;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.Slots;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.spark.ui.TrainingReporter;
import dev.kindling.train.StoredModel;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Trains a network on a DataFrame, data-parallel on the session's executors. Works on any session,
 * without settings.
 *
 * <pre>{@code
 * TrainedModel model = Trainer.builder(spark)
 *     .model(new Sequential(new Linear(4, 16), new ReLU(), new Linear(16, 3)))
 *     .loss(new CrossEntropyLoss())
 *     .optimizer(new Adam(0.001))
 *     .batchSize(64)
 *     .epochs(2)
 *     .build()
 *     .fit(dataFrame);
 * model.transform(dataFrame).select("label", "prediction", "probability").show();
 * }</pre>
 *
 * Immutable and thread-safe.
 */
public final class Trainer {
  /** How long to wait for the first executor of a cluster. */
  private static final int START_SECONDS = 60;

  private final Builder settings;

  private Trainer(Builder settings) {
    this.settings = settings.copy();
  }

  /** A trainer on a session's executors. */
  public static Builder builder(SparkSession spark) {
    return new Builder(spark);
  }

  /** Trains on the rows of a DataFrame. */
  public TrainedModel fit(Dataset<Row> data) {
    return fit(data, Optional.empty());
  }

  /**
   * Trains on the rows of a DataFrame, evaluating on another one after each epoch.
   *
   * @throws IllegalArgumentException where {@link Builder#validation} asks for rows of {@code data}
   *     in their place
   */
  public TrainedModel fit(Dataset<Row> data, Dataset<Row> test) {
    return fit(data, Optional.of(test));
  }

  private TrainedModel fit(Dataset<Row> data, Optional<Dataset<Row>> test) {
    Builder s = settings;
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(s.spark.sparkContext());
    int workers = s.workers > 0 ? s.workers : Slots.settled(spark, START_SECONDS);
    int replicas = s.replicas > 0 ? s.replicas : Math.max(1, workers / (1 + s.policy.backups()));
    TrainingConfig training =
        new TrainingConfig(
                s.model, s.loss, s.optimizer, s.schedule, s.batchSize, s.epochs, replicas, s.seed)
            .transforming(s.transforms)
            .over(s.wire);
    DataFrameRows rows = s.data.learn(data, shape -> LossTarget.of(s.model, s.loss, shape));
    Optional<RowSource> testRows = test.map(rows::source);
    JobOptions options =
        JobOptions.of(workers)
            .growingTo(s.workers > 0 ? s.workers : Integer.MAX_VALUE)
            .restarting(s.maxRestarts)
            .under(s.policy, s.nonFinite)
            .via(s.transport, 0);
    List<TrainingListener> listeners = new ArrayList<>(s.listeners);
    listeners.add(TrainingReporter.of(spark.sc(), Map.of()));
    TrainingJob job =
        new TrainingJob(spark, training, options, listeners)
            .stopping(s.stopping)
            .validation(s.validation)
            .evaluatingEvery(s.evaluateEverySteps);
    float[] values = job.run(rows.source(data), testRows);
    return new TrainedModel(new StoredModel(s.model, values, job.tables()), rows);
  }

  /** Sets up a {@link Trainer}. Not thread-safe. */
  public static final class Builder {
    private final SparkSession spark;
    private Module model;
    private Loss loss = new CrossEntropyLoss();
    private Optimizer optimizer = new Adam(1e-3);
    private Schedule schedule = new Schedule.Constant();
    private int batchSize = 64;
    private int epochs = 1;
    private int workers;
    private int replicas;
    private long seed = 1;
    private int maxRestarts = 10;
    private EarlyStopping stopping = EarlyStopping.never();
    private Policy policy = new Synchronous();
    private NonFinite nonFinite = NonFinite.ABORT;
    private double validation;
    private int evaluateEverySteps;
    private Transport transport = Transport.AUTO;
    private FloatFormat wire = FloatFormat.FLOAT32;
    private DataSpec data = DataSpec.of("label", "features");
    private Transform[] transforms = {};
    private List<TrainingListener> listeners = List.of();

    private Builder(SparkSession spark) {
      this.spark = Objects.requireNonNull(spark, "spark");
    }

    private Builder copy() {
      Builder copy = new Builder(spark);
      copy.model = model;
      copy.loss = loss;
      copy.optimizer = optimizer;
      copy.schedule = schedule;
      copy.batchSize = batchSize;
      copy.epochs = epochs;
      copy.workers = workers;
      copy.replicas = replicas;
      copy.seed = seed;
      copy.maxRestarts = maxRestarts;
      copy.stopping = stopping;
      copy.policy = policy;
      copy.nonFinite = nonFinite;
      copy.validation = validation;
      copy.evaluateEverySteps = evaluateEverySteps;
      copy.transport = transport;
      copy.data = data;
      copy.transforms = transforms.clone();
      copy.listeners = List.copyOf(listeners);
      return copy;
    }

    /** The network; required. */
    public Builder model(Module network) {
      model = network;
      return this;
    }

    /** The loss of a sample; cross-entropy by default. */
    public Builder loss(Loss choice) {
      loss = choice;
      return this;
    }

    /** The update rule; Adam with a rate of 0.001 by default. */
    public Builder optimizer(Optimizer rule) {
      optimizer = rule;
      return this;
    }

    /** The learning rate of each step; constant by default. */
    public Builder schedule(Schedule choice) {
      schedule = choice;
      return this;
    }

    /** Samples of a step over all workers; 64 by default. */
    public Builder batchSize(int samples) {
      batchSize = samples;
      return this;
    }

    /** Passes over the data; 1 by default. */
    public Builder epochs(int passes) {
      epochs = passes;
      return this;
    }

    /** Spark tasks that train; as many as the session has slots by default. */
    public Builder workers(int tasks) {
      workers = tasks;
      return this;
    }

    /**
     * Logical replicas: fixed shares of every batch, on which alone the bits of the result depend;
     * the number of workers by default. Pin it to get the same result on other clusters.
     */
    public Builder replicas(int count) {
      replicas = count;
      return this;
    }

    /** Seed of the initial parameters and of the order of the rows; 1 by default. */
    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /** Ends the run when its test metric has stopped improving; never by default. */
    public Builder earlyStopping(EarlyStopping rule) {
      stopping = rule;
      return this;
    }

    /**
     * Holds a share of the training rows out and evaluates on it after each epoch, as on test rows;
     * 0 by default. Which rows these are follows from their content and the seed. Scales, means and
     * categories of columns are learned before the split, from all rows.
     *
     * @param fraction of the rows, less than 1
     */
    public Builder validation(double fraction) {
      validation = TrainingJob.checkedFraction(fraction);
      return this;
    }

    /** Evaluates test rows after every so many steps too; 0, the default, for never. */
    public Builder evaluateEverySteps(int steps) {
      evaluateEverySteps = steps;
      return this;
    }

    /** How often lost workers are started again; 10 by default. */
    public Builder maxRestarts(int times) {
      maxRestarts = times;
      return this;
    }

    /**
     * When a step is complete: {@link Synchronous} by default, with backups where each replica is
     * computed by more than one worker; {@link dev.kindling.ps.sync.BoundedStaleness}; {@link
     * dev.kindling.ps.sync.Asynchronous}.
     */
    public Builder policy(Policy choice) {
      policy = choice;
      return this;
    }

    /** What happens to a step with NaN or infinity; the run ends by default. */
    public Builder nonFinite(NonFinite choice) {
      nonFinite = choice;
      return this;
    }

    /** How workers reach the parameters; in-process where they can by default. */
    public Builder transport(Transport choice) {
      transport = choice;
      return this;
    }

    /** What gradients and parameters are rounded to between replicas; float32 by default. */
    public Builder wire(FloatFormat choice) {
      wire = choice;
      return this;
    }

    /**
     * All that is to be said of the rows, in place of what {@link #features}, {@link #label} and
     * the like have said.
     */
    public Builder data(DataSpec spec) {
      data = spec;
      return this;
    }

    /**
     * The feature columns: numbers, arrays of numbers, vectors of spark.ml or bytes; {@code
     * features} by default.
     */
    public Builder features(String... columns) {
      return features(Arrays.stream(columns).map(Column::number).toArray(Column[]::new));
    }

    /** The feature columns, with what is done about missing values, scales and categories. */
    public Builder features(Column... columns) {
      data = data.withFeatures(columns);
      return this;
    }

    /** The column to predict; {@code label} by default. */
    public Builder label(String column) {
      return targets(Column.number(column));
    }

    /** The columns to predict: one of labels or categories, or several values. */
    public Builder targets(Column... columns) {
      data = data.withTargets(columns);
      return this;
    }

    /** The column that says how much a row counts in the loss; each counts 1 by default. */
    public Builder weight(String column) {
      data = data.withWeight(column);
      return this;
    }

    /** The shape of a sample's features, e.g. 1, 28, 28; a vector by default. */
    public Builder featureShape(Integer... sizes) {
      data = data.withShape(List.of(sizes));
      return this;
    }

    /** How stored features become what the network reads; as they are by default. */
    public Builder normalisation(Normalisation formula) {
      data = data.with(formula);
      return this;
    }

    /** What is done with rows that cannot be used; the first ends the run by default. */
    public Builder badRows(BadRows policy) {
      data = data.with(policy);
      return this;
    }

    /**
     * Random changes of the training images [channels, height, width], in order; none by default.
     */
    public Builder transforms(Transform... changes) {
      transforms = changes.clone();
      return this;
    }

    /** Told how the run goes. */
    public Builder listeners(TrainingListener... all) {
      listeners = List.of(all);
      return this;
    }

    /** The trainer. */
    public Trainer build() {
      Objects.requireNonNull(model, "Trainer: no model; call model(...) before build()");
      return new Trainer(this);
    }
  }
}
