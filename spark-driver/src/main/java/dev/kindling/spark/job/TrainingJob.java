package dev.kindling.spark.job;

import dev.kindling.data.DataException;
import dev.kindling.data.RowFormat;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Split;
import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.server.RunServer;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.FrameSplit;
import dev.kindling.spark.data.RankedRows;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.data.ValidationSplit;
import dev.kindling.spark.data.WorkerShares;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.spark.server.SparkSecret;
import dev.kindling.train.Evaluation;
import dev.kindling.train.ModelTables;
import dev.kindling.train.TrainingConfig;
import dev.kindling.train.table.TableSpec;
import dev.kindling.train.table.TrainedTable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Trains on a cluster: ranks the rows and deals them to the replicas, starts the parameter server
 * and one long-running barrier task for each worker, and starts the workers again when one is lost.
 * A step is never a Spark job. Used once.
 */
public final class TrainingJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);

  /** A cluster may replace a lost executor within this time; then it goes on with fewer workers. */
  private static final int REPLACE_SECONDS = 10;

  private final JavaSparkContext spark;
  private final TrainingConfig training;
  private final JobOptions options;
  private final List<TrainingListener> listeners;
  private EarlyStopping stopping = EarlyStopping.never();
  private double validation;
  private int evaluateEverySteps;
  private boolean histograms;
  private List<TrainedTable> tables = List.of();
  private final Interruption interruption = new Interruption();

  /** A job that has not begun. */
  public TrainingJob(
      JavaSparkContext spark,
      TrainingConfig training,
      JobOptions options,
      List<TrainingListener> listeners) {
    this.spark = spark;
    this.training = training;
    this.options = options;
    this.listeners = List.copyOf(listeners);
  }

  /** Ends the run when its test metric has stopped improving; to be said before it begins. */
  public TrainingJob stopping(EarlyStopping rule) {
    stopping = rule;
    return this;
  }

  /**
   * Holds a share of the training rows out, drawn by content and seed, and evaluates on it where
   * there are no test rows; to be said before it begins.
   *
   * @param fraction of the rows, 0 or more and less than 1; 0, the default, holds none out
   */
  public TrainingJob validation(double fraction) {
    validation = checkedFraction(fraction);
    return this;
  }

  /** Evaluates test rows after every so many steps too; to be said before it begins. 0: never. */
  public TrainingJob evaluatingEvery(int steps) {
    evaluateEverySteps = steps;
    return this;
  }

  /** Counts weights and gradients by size at the end of each epoch; to be said before it begins. */
  public TrainingJob countingValues(boolean isWanted) {
    histograms = isWanted;
    return this;
  }

  /** Refuses a share that leaves nothing to train on. */
  public static double checkedFraction(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "validation: the fraction is %s; it must be 0 or more and less than 1"
              .formatted(fraction));
    }
    return fraction;
  }

  /**
   * Holds a share of a DataFrame's rows out before anything is learned of it, see {@link
   * FrameSplit}; the job is given the parts as its training and test rows.
   *
   * @param fraction of the rows, above 0 and less than 1
   */
  public static Split<Dataset<Row>> holdOut(
      Dataset<Row> data, DataSpec spec, double fraction, long seed) {
    try {
      return FrameSplit.of(data, spec, fraction, seed);
    } catch (ExecutionException e) {
      throw explained(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException(Kind.INTERRUPTED, "interrupted", e);
    }
  }

  /** Refuses test rows beside a share that is held out. */
  public static void requireOne(double fraction, boolean hasTest) {
    if (fraction > 0 && hasTest) {
      throw new IllegalArgumentException(
          "validation: there are test rows and a share of the training rows to evaluate on; leave"
              + " one out");
    }
  }

  /** Asks the run to end after a checkpoint; waits until that is written. From any thread. */
  public void interrupt() {
    interruption.request(spark);
  }

  /**
   * Trains all epochs.
   *
   * @param test rows to evaluate on after each epoch
   * @return the flat vector of the trained parameters; those in tables are in {@link #tables()}
   */
  public float[] run(RowSource train, Optional<RowSource> test) {
    Slots.checkSettings(spark.getConf());
    training.tables().stream().findFirst().ifPresent(this::checkTables);
    int workers = options.busyWorkers(training.replicas());
    new RunMemory(training, options, workers, spark.isLocal()).require();
    requireOne(validation, test.isPresent());
    boolean hasTest = validation > 0 || test.isPresent();
    training.schedule().plateau().ifPresent(plateau -> checkMetric(plateau, hasTest));
    if (stopping.isOn() && !hasTest) {
      throw new IllegalArgumentException(
          "early_stopping: %s needs test data or a validation share; give one, or leave early stopping out"
              .formatted(stopping.metric()));
    }
    if (evaluateEverySteps > 0 && !hasTest) {
      throw new IllegalArgumentException(
          "train.evaluate_every_steps is %d and there are no test rows; give some, or a validation share"
              .formatted(evaluateEverySteps));
    }
    if (stopping.isOn()) {
      stopping.check(Evaluation.summed(train.format()));
    }
    try (Slots slots = new Slots(spark)) {
      slots.require(workers, options.startSeconds());
      Rows rows = validation > 0 ? split(train) : rank(train, test);
      RankedRows counted = rows.train;
      RunPlan run =
          new RunPlan(
              training,
              counted.format(),
              counted.count(),
              hasTest,
              stopping,
              evaluateEverySteps,
              histograms);
      return train(run, rows, workers, slots);
    } catch (ExecutionException e) {
      interruption.check(e);
      throw explained(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException(Kind.INTERRUPTED, "interrupted", e);
    }
  }

  /** The trained row-sparse tables, in the order of the model, once {@link #run} has returned. */
  public List<TrainedTable> tables() {
    return tables;
  }

  /** What rows of tables do not go together with. */
  private void checkTables(TableSpec first) {
    ServerOptions servers = options.servers();
    boolean isOneVersion =
        servers.policy() instanceof Synchronous
            || servers.policy() instanceof BoundedStaleness stale && stale.bound() == 0;
    String reason =
        !isOneVersion
            ? "needs servers.policy synchronous or backup"
            : servers.nonFinite() != NonFinite.ABORT
                ? "needs servers.not_finite abort"
                : stopping.restoreBest() ? "needs early_stopping.restore_best false" : null;
    if (reason != null) {
      throw new IllegalArgumentException(
          "model: %s is kept as rows of a table (sparse), which %s; change that, or set sparse of Embedding to false"
              .formatted(first.name(), reason));
    }
  }

  private Rows split(RowSource rows) throws ExecutionException, InterruptedException {
    Split<RowSource> split = ValidationSplit.of(rows, validation, training.seed());
    return rank(split.train(), Optional.of(split.validation()));
  }

  private Rows rank(RowSource train, Optional<RowSource> test)
      throws ExecutionException, InterruptedException {
    RowOrder order = new RowOrder(training.seed());
    RankedRows.Pending trainRows = RankedRows.start("training data", train, order);
    String what = validation > 0 ? "validation rows" : "test data";
    Optional<RankedRows.Pending> testRows = test.map(rows -> RankedRows.start(what, rows, order));
    checkMeanwhile(train.format(), trainRows, testRows);
    return new Rows(trainRows.await(), testRows.isEmpty() ? null : testRows.get().await());
  }

  /** The JVM loads what the network needs while executors read the rows. */
  private void checkMeanwhile(
      RowFormat format, RankedRows.Pending trainRows, Optional<RankedRows.Pending> testRows) {
    try {
      ModelCheck.check(training, format);
    } catch (RuntimeException e) {
      trainRows.cancel();
      testRows.ifPresent(RankedRows.Pending::cancel);
      throw e;
    }
  }

  private static void checkMetric(ReduceLROnPlateau schedule, boolean hasTest) {
    if (schedule.watchesTest() && !hasTest) {
      throw new IllegalArgumentException(
          "schedule: ReduceLROnPlateau watches %s and there are no test rows; give some, or set its metric to train_loss"
              .formatted(schedule.metric()));
    }
  }

  private static RuntimeException explained(ExecutionException e) {
    return SparkFailure.dataError(e)
        .<RuntimeException>map(message -> new DataException(message, e))
        .orElseGet(() -> new IllegalStateException(SparkFailure.rootMessage(e), e));
  }

  /** Ranked rows; none to test on is null. */
  private record Rows(RankedRows train, RankedRows test) {}

  private float[] train(RunPlan run, Rows rows, int workers, Slots slots)
      throws InterruptedException {
    RunSpec spec =
        new RunSpec(
            options.run(),
            training.tree(),
            training.update(run.rows()),
            run.totalSteps(),
            options.servers().nonFinite(),
            options.servers().policy(),
            training.wire(),
            training.tables());
    try (RunMonitor monitor = new RunMonitor(run, options.servers().placement(), listeners);
        RunServer server = new ServerStart(spark, options, run, spec).start(monitor)) {
      monitor.watch(server, workers);
      interruption.arm(server, options.checkpoints().isPresent());
      runToTheEnd(run, rows, workers, slots, monitor, server);
      tables = ModelTables.trained(training.model(), training.seed(), server.tables());
      return monitor.best().result(server::values);
    }
  }

  private void runToTheEnd(
      RunPlan run, Rows rows, int workers, Slots slots, RunMonitor monitor, RunServer server)
      throws InterruptedException {
    try {
      keepWorkersRunning(run, rows, workers, slots, monitor, server);
      monitor.ended("done");
    } catch (RuntimeException e) {
      monitor.ended(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private void keepWorkersRunning(
      RunPlan run, Rows rows, int first, Slots slots, RunMonitor monitor, RunServer server)
      throws InterruptedException {
    int workers = first;
    int most = options.mostBusyWorkers(training.replicas());
    WorkersJob job = job(run, rows, workers, server, monitor.best(), 1);
    for (int restarts = 0; ; ) {
      interruption.watch(job);
      try {
        job.run();
        return;
      } catch (WorkersJob.LostException e) {
        monitor.lost();
        giveUpOrGoOn(e, restarts, monitor);
        restarts++;
        workers = Math.min(most, slots.await(Math.min(most, slots.most()), REPLACE_SECONDS));
        if (workers == 0) {
          slots.require(1, options.startSeconds());
          workers = Math.min(most, Math.max(1, slots.now()));
        }
        LOG.warn("workers lost, starting {} again: {}", workers, e.getMessage());
        if (server.recover()) {
          LOG.warn("the parameters were lost too; they are those of step {}", server.version());
        }
        monitor.restarted(restarts, workers, e.getMessage());
        job = job(run, rows, workers, server, monitor.best(), restarts + 1);
      }
    }
  }

  /** Returns if the workers should be started again; throws if the error would come again. */
  private void giveUpOrGoOn(WorkersJob.LostException e, int restarts, RunMonitor monitor)
      throws InterruptedException {
    interruption.check(e);
    boolean isReported = e.getMessage().contains(WorkerTask.ReportedException.class.getName());
    Optional<TrainingException> fatal = isReported ? monitor.awaitFatal() : monitor.fatal();
    if (fatal.isPresent()) {
      throw fatal.get();
    }
    if (spark.sc().isStopped()) {
      throw new TrainingException(Kind.CLUSTER, "Spark was stopped during the run", e);
    }
    if (spark.isLocal()) {
      boolean isTold = e.getMessage().contains(ParameterServerException.class.getName());
      throw (isTold ? monitor.awaitFatal() : monitor.fatal())
          .orElseGet(
              () -> new TrainingException(Kind.WORKER, "a worker failed: " + e.getMessage(), e));
    }
    if (restarts >= options.maxRestarts()) {
      throw new TrainingException(
          Kind.CLUSTER,
          "workers were lost %d times (cluster.max_restarts is %d), the last time by: %s"
              .formatted(restarts + 1, options.maxRestarts(), e.getMessage()),
          e);
    }
  }

  private WorkersJob job(
      RunPlan run, Rows rows, int workers, RunServer server, BestSoFar best, int incarnation) {
    WorkerTask.Past past = new WorkerTask.Past(server.version(), best.before(server.version()));
    WorkerShares shares =
        new WorkerShares(training.tree(), workers, options.servers().policy().backups());
    WorkerTask task =
        new WorkerTask(run, SparkSecret.leaveOut(server.location()), shares, incarnation, past);
    JavaPairRDD<Integer, RowBlock> test =
        rows.test == null ? noRows(workers) : rows.test.at(shares);
    return new WorkersJob(spark, task, rows.train.at(shares), test);
  }

  private JavaPairRDD<Integer, RowBlock> noRows(int workers) {
    return spark.parallelizePairs(List.<Tuple2<Integer, RowBlock>>of(), workers);
  }
}
