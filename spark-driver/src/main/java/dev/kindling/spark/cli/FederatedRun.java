package dev.kindling.spark.cli;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.spark.config.FederatedRunConfig;
import dev.kindling.spark.config.FederatedSection;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.federated.FederatedCheckpoints;
import dev.kindling.spark.federated.FederatedJob;
import dev.kindling.spark.federated.FederatedListener;
import dev.kindling.spark.federated.FederatedOptions;
import dev.kindling.spark.federated.RecordedRounds;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.metrics.FederatedConsole;
import dev.kindling.spark.metrics.FederatedMetricsFile;
import dev.kindling.spark.metrics.FederatedMirror;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.spark.metrics.RunSummary;
import dev.kindling.train.StoredModel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/** One federated run of the command line, from its configuration to what it leaves. */
final class FederatedRun {
  private final FederatedRunConfig config;
  private final RunDirectory directory;
  private final PrintStream out;
  private RecordedRounds recorded;

  FederatedRun(FederatedRunConfig asked, RunDirectory directory, PrintStream out) {
    this.config =
        asked.base().run().isPresent() ? asked : asked.named(UUID.randomUUID().toString());
    this.directory = directory;
    this.out = out;
  }

  /** Repeats the rounds of another run. */
  void replaying(RecordedRounds rounds) {
    recorded = rounds;
  }

  /** Runs anew. What cannot begin leaves nothing behind. */
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
    try (LogFile log = LogFile.open(directory.log())) {
      compute(log, isResumed);
    }
    directory.publish();
    out.println("saved in " + directory);
  }

  private void compute(LogFile log, boolean isResumed) throws IOException {
    Optional<DataFiles> files = RunData.beforeSpark(config.base());
    try (JavaSparkContext spark = SparkSettings.start(config.base())) {
      log.sparkHasStarted();
      train(RunData.on(spark, files, config.base(), directory), spark, isResumed);
    } catch (RuntimeException e) {
      directory.publishAfter(e);
      throw e;
    }
  }

  private void train(RunData data, JavaSparkContext spark, boolean isResumed) throws IOException {
    FederatedConfig training = config.training();
    FederatedMetricsFile metrics = new FederatedMetricsFile(directory);
    FederatedOptions options = options(spark, isResumed);
    FederatedJob job =
        new FederatedJob(
            training,
            options,
            List.of(
                new ConfigWriter(directory, config, data),
                new FederatedConsole(out),
                metrics,
                new FederatedMirror(directory)));
    if (recorded != null) {
      job.replaying(recorded);
    }
    int mostParts = options.mostParts(spark.sc(), training.participation());
    float[] values = run(job, data, mostParts, metrics);
    data.remarks().forEach(out::println);
    RunSummary summary = new RunSummary(new StoredModel(training.model(), values, List.of()));
    summary.writeModel(directory);
    metrics.writeSummary(summary);
  }

  private FederatedOptions options(JavaSparkContext spark, boolean isResumed) throws IOException {
    FederatedSection federated = config.federated();
    return new FederatedOptions(
        federated.deadlineSeconds(),
        federated.evaluateEvery(),
        federated.targetAccuracy(),
        Optional.of(
            new FederatedCheckpoints(
                RunCheckpoints.store(config.base(), directory, spark),
                config.base().checkpoint().keep())),
        federated.checkpointEvery(),
        isResumed);
  }

  private float[] run(FederatedJob job, RunData data, int mostParts, FederatedMetricsFile metrics) {
    try (StopSignal signal = new StopSignal(job::interrupt)) {
      return job.run(clients(data, mostParts), data.testRows());
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

  private ClientSource clients(RunData data, int mostParts) {
    long seed = config.training().seed();
    return switch (config.federated().grouping()) {
      case DEALT ->
          ClientShuffle.dealt(
              data.trainRows(), config.partition(), config.federated().clients(), seed, mostParts);
      case GROUP -> ClientShuffle.grouped(data.trainRowsByGroup(), seed, mostParts);
      case PARTITION -> ClientShuffle.partitions(data.trainRows(), seed);
    };
  }

  /** Writes the configuration once the data are good. */
  private record ConfigWriter(RunDirectory directory, FederatedRunConfig config, RunData data)
      implements FederatedListener {
    @Override
    public void started(FederatedConfig training, int clients, long rows, int round) {
      data.keepIn(directory);
      directory.write(directory.config(), config.toYaml());
    }
  }
}
