package dev.kindling.spark.cli;

import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.JobOptions.Checkpointing;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.Slots;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.spark.metrics.Console;
import dev.kindling.spark.metrics.MetricsFile;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.spark.metrics.RunMirror;
import dev.kindling.spark.metrics.RunSummary;
import dev.kindling.spark.metrics.TensorBoardFile;
import dev.kindling.spark.ui.TrainingReporter;
import dev.kindling.train.StoredModel;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/** One run of the command line, from its configuration to what it leaves in its directory. */
final class TrainingRun {
  private final RunConfig asked;
  private final RunDirectory directory;
  private final PrintStream out;

  TrainingRun(RunConfig asked, RunDirectory directory, PrintStream out) {
    this.asked = asked;
    this.directory = directory;
    this.out = out;
  }

  /** Trains anew. What cannot begin leaves nothing behind. */
  void start() throws IOException {
    try {
      run(false);
    } finally {
      directory.abandon();
    }
    directory.release();
  }

  /** Goes on from the newest checkpoint. */
  void resume() throws IOException {
    run(true);
    directory.release();
  }

  private void run(boolean isResumed) throws IOException {
    checkPlaces();
    try (LogFile log = LogFile.open(directory.log())) {
      compute(log, isResumed);
    }
    directory.publish();
    out.println("saved in " + directory);
  }

  private void compute(LogFile log, boolean isResumed) throws IOException {
    Optional<DataFiles> files = RunData.beforeSpark(asked);
    try (JavaSparkContext spark = SparkSettings.start(asked)) {
      log.sparkHasStarted();
      Slots.checkSettings(spark.getConf());
      RunConfig config = resolve(spark);
      JobOptions options = options(config, spark, isResumed);
      options.checkCluster(spark, config.train().replicas().orElseThrow());
      train(config, options, RunData.on(spark, files, config, directory), spark);
    } catch (RuntimeException e) {
      directory.publishAfter(e);
      throw e;
    }
  }

  private void checkPlaces() {
    if (asked.servers().isInExecutors()
        && asked.checkpoint().path().isEmpty()
        && directory.remote().isEmpty()) {
      throw new ConfigException(
          "servers.placement: executors: when an executor that holds parameters is lost, those that"
              + " are there then go on from a checkpoint; set checkpoint.path to a folder that all"
              + " executors reach");
    }
  }

  /** Decides on the counts that were left open. */
  private RunConfig resolve(JavaSparkContext spark) {
    int slots = Slots.settled(spark, asked.cluster().startSeconds());
    int copies = 1 + asked.servers().policy().backups();
    OptionalInt wanted = asked.train().replicas();
    int useful = wanted.isPresent() ? Math.multiplyExact(wanted.getAsInt(), copies) : slots;
    int workers = asked.cluster().workers().orElse(Math.min(slots, useful));
    int replicas = wanted.orElse(Math.max(1, workers / copies));
    if (asked.train().replicas().isEmpty()) {
      out.printf(
          "train.replicas is not set: %d, as many as workers. Pin it in the configuration to get"
              + " the same bits with other numbers of workers.%n",
          replicas);
    }
    return asked.resolved(
        asked.run().orElseGet(() -> UUID.randomUUID().toString()), replicas, workers);
  }

  private void train(RunConfig config, JobOptions options, RunData data, JavaSparkContext spark) {
    TrainingConfig training = training(config);
    try (Console console = new Console(out, Terminal.isThere())) {
      MetricsFile metrics = new MetricsFile(directory, console::warn);
      TrainingJob job =
          new TrainingJob(
              spark,
              training,
              options,
              List.of(
                  new ConfigWriter(directory, config, data),
                  console,
                  metrics,
                  new TensorBoardFile(directory, console::warn),
                  TrainingReporter.of(spark.sc(), Map.of("config.yaml", config.toYaml())),
                  new RunMirror(directory)));
      job.validation(data.isSplit() ? 0 : config.data().validation());
      job.evaluatingEvery(config.train().evaluateEverySteps());
      job.countingValues(config.train().histograms());
      config.train().earlyStopping().ifPresent(job::stopping);
      if (spark.sc().uiWebUrl().isDefined()) {
        out.printf("live at %s/training/%n", spark.sc().uiWebUrl().get());
      }
      float[] values = run(job, data, config.data().validation() > 0 && !data.isSplit(), metrics);
      data.remarks().forEach(out::println);
      RunSummary summary = new RunSummary(new StoredModel(training.model(), values, job.tables()));
      summary.writeModel(directory);
      summary.writeSummary(directory, metrics);
    }
  }

  /** With a share that the job holds out the test rows are kept for {@code evaluate}. */
  private float[] run(TrainingJob job, RunData data, boolean isSplit, MetricsFile metrics) {
    try (StopSignal signal = new StopSignal(job::interrupt)) {
      return job.run(data.trainRows(), isSplit ? Optional.empty() : data.testRows());
    } catch (TrainingException e) {
      if (e.kind() == TrainingException.Kind.DIVERGED) {
        metrics.diverged(e.getMessage());
      }
      if (e.kind() == TrainingException.Kind.INTERRUPTED && Files.exists(directory.config())) {
        throw new TrainingException(
            e.kind(), "%s; go on with: kindling resume %s".formatted(e.getMessage(), directory), e);
      }
      throw e;
    }
  }

  private static TrainingConfig training(RunConfig config) {
    try {
      return config.training(config.train().replicas().orElseThrow());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private JobOptions options(RunConfig config, JavaSparkContext spark, boolean isResumed)
      throws IOException {
    Checkpointing kept =
        new Checkpointing(
            RunCheckpoints.store(config, directory, spark),
            config.checkpoint().everyEpochs(),
            config.checkpoint().keep(),
            isResumed);
    return new JobOptions(
        config.run().orElseThrow(),
        config.cluster().workers().orElseThrow(),
        asked.cluster().workers().orElse(Integer.MAX_VALUE),
        config.cluster().maxRestarts(),
        config.cluster().startSeconds(),
        config.servers().options(System.getenv()),
        Optional.of(kept));
  }

  /** Writes the resolved configuration once the data are good and the workers can start. */
  private record ConfigWriter(RunDirectory directory, RunConfig config, RunData data)
      implements TrainingListener {
    @Override
    public void started(RunPlan run, int workers, long step) {
      data.keepIn(directory);
      directory.write(directory.config(), config.toYaml());
    }
  }
}
