package dev.kindling.spark;

import dev.kindling.data.Normalisation;
import dev.kindling.data.Split;
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
import dev.kindling.spark.checkpoint.KeptRun;
import dev.kindling.spark.data.BadRows;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.LossTarget;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.spark.job.ServerOptions;
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
import org.apache.hadoop.conf.Configuration;
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
    Slots.checkSettings(spark.getConf());
    int workers = s.workers > 0 ? s.workers : Slots.settled(spark, START_SECONDS);
    int copies = 1 + s.servers.policy().backups();
    int replicas = s.replicas > 0 ? s.replicas : Math.max(1, workers / copies);
    JobOptions options = options(workers);
    options.checkCluster(spark, replicas);
    TrainingJob.requireOne(s.validation, test.isPresent());
    Optional<Split<Dataset<Row>>> split =
        s.validation > 0
            ? Optional.of(TrainingJob.holdOut(data, s.data, s.validation, s.seed))
            : Optional.empty();
    Dataset<Row> train = split.map(Split::train).orElse(data);
    DataFrameRows rows = s.data.learn(train, shape -> LossTarget.of(s.model, s.loss, shape));
    Optional<RowSource> testRows = split.map(Split::validation).or(() -> test).map(rows::source);
    List<TrainingListener> listeners = new ArrayList<>(s.listeners);
    listeners.add(TrainingReporter.of(spark.sc(), Map.of()));
    TrainingJob job =
        new TrainingJob(spark, training(replicas), kept(options, spark), listeners)
            .stopping(s.stopping)
            .evaluatingEvery(s.evaluateEverySteps)
            .countingValues(s.histograms);
    float[] values = job.run(rows.source(train), testRows);
    return new TrainedModel(new StoredModel(s.model, values, job.tables()), rows);
  }

  private TrainingConfig training(int replicas) {
    Builder s = settings;
    return new TrainingConfig(
            s.model, s.loss, s.optimizer, s.schedule, s.batchSize, s.epochs, replicas, s.seed)
        .transforming(s.transforms)
        .over(s.wire);
  }

  private JobOptions options(int workers) {
    return JobOptions.of(workers)
        .growingTo(settings.workers > 0 ? settings.workers : Integer.MAX_VALUE)
        .restarting(settings.maxRestarts)
        .with(settings.servers);
  }

  private JobOptions kept(JobOptions options, JavaSparkContext spark) {
    Builder s = settings;
    if (s.checkpoints == null) {
      return options;
    }
    Configuration files = spark.hadoopConfiguration();
    KeptRun run = s.resume ? KeptRun.in(s.checkpoints, files) : KeptRun.begin(s.checkpoints, files);
    return options.keeping(
        run.id(),
        new Checkpointing(run.store(), s.checkpointEveryEpochs, s.checkpointsKept, s.resume));
  }

  /** Sets up a {@link Trainer}. Not thread-safe. */
  public static final class Builder implements Cloneable {
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
    private ServerOptions servers = ServerOptions.inDriver(Transport.AUTO, 0);
    private String checkpoints;
    private int checkpointEveryEpochs = 1;
    private int checkpointsKept = 2;
    private boolean resume;
    private boolean histograms;
    private double validation;
    private int evaluateEverySteps;
    private FloatFormat wire = FloatFormat.FLOAT32;
    private DataSpec data = DataSpec.of("label", "features");
    private Transform[] transforms = {};
    private List<TrainingListener> listeners = List.of();

    private Builder(SparkSession spark) {
      this.spark = Objects.requireNonNull(spark, "spark");
    }

    /** Every field; an array is the only one that could be changed. */
    private Builder copy() {
      try {
        Builder copy = (Builder) clone();
        copy.transforms = transforms.clone();
        return copy;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError("a Builder is Cloneable", e);
      }
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
     * categories of columns are learned from the others.
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
      servers = servers.with(choice);
      return this;
    }

    /** What happens to a step with NaN or infinity; the run ends by default. */
    public Builder nonFinite(NonFinite choice) {
      servers = servers.with(choice);
      return this;
    }

    /**
     * Where the parameters are, what both ends must know, and TLS: a server in the driver by
     * default. Keeps the policy and the answer to gradients that are not finite.
     */
    public Builder servers(ServerOptions choice) {
      servers = choice.with(servers.policy()).with(servers.nonFinite());
      return this;
    }

    /**
     * Keeps checkpoints: of a new run, in a folder on any file system that Hadoop knows. None are
     * kept by default. {@link Trainer#fit} refuses a folder with the checkpoints of another run.
     *
     * @param folder a path or an address, such as {@code hdfs://name/runs/1}
     * @param everyEpochs one each so many epochs, and at the end
     * @param keep so many stay
     */
    public Builder checkpoints(String folder, int everyEpochs, int keep) {
      if (everyEpochs < 1 || keep < 1) {
        throw new IllegalArgumentException(
            "checkpoints every %d epochs, %d kept: both must be at least 1"
                .formatted(everyEpochs, keep));
      }
      checkpoints = Objects.requireNonNull(folder, "folder");
      checkpointEveryEpochs = everyEpochs;
      checkpointsKept = keep;
      resume = false;
      return this;
    }

    /**
     * Goes on from the newest sound checkpoint of a run that was given this folder by {@link
     * #checkpoints}, to the bits of a run that was never stopped; further ones go there too. Model,
     * data and all that decides the result must be as they were, but for {@link #epochs}.
     */
    public Builder resume(String folder) {
      checkpoints = Objects.requireNonNull(folder, "folder");
      resume = true;
      return this;
    }

    /** Tells listeners of weights and gradients by size after each epoch; false by default. */
    public Builder histograms(boolean areWanted) {
      histograms = areWanted;
      return this;
    }

    /** How workers reach the parameters; in-process where they can by default. */
    public Builder transport(Transport choice) {
      servers = servers.with(choice);
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
