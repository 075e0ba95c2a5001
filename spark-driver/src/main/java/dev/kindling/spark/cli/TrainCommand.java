package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingJob.JobOptions;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.spark.metrics.Console;
import dev.kindling.spark.metrics.MetricsFile;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.spark.metrics.RunSummary;
import dev.kindling.train.TrainingConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network and leaves a run directory. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a network as a configuration says.")
final class TrainCommand implements Callable<Integer> {
  @Mixin private ConfigArguments arguments;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "Where results go; a new folder below runs/ by default.")
  private Path runDirectory;

  @Override
  public Integer call() {
    RunDirectory directory =
        RunDirectory.forNewRun(runDirectory != null ? runDirectory : freshDirectory());
    System.setProperty("kindling.log", directory.log().toString());
    RunConfig config = arguments.read();
    DataFiles.Loaded data = new DataFiles(config.data()).load();
    try (JavaSparkContext spark = SparkSettings.start(config)) {
      train(config, data, spark, directory);
    }
    return ExitCode.DONE;
  }

  private Path freshDirectory() {
    String name = arguments.file().getFileName().toString().replaceFirst("\\.ya?ml$", "");
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS"));
    return Path.of("runs", name + "-" + time);
  }

  private static void train(
      RunConfig asked, DataFiles.Loaded data, JavaSparkContext spark, RunDirectory directory) {
    PrintStream out = System.out;
    int workers = asked.cluster().workers().orElse(Math.max(1, spark.defaultParallelism()));
    int replicas = asked.train().replicas().orElse(workers);
    RunConfig config = asked.resolved(replicas, workers);
    TrainingConfig training = config.training(replicas);
    if (asked.train().replicas().isEmpty()) {
      out.printf(
          "train.replicas is not set: %d, as many as workers. Pin it in the configuration to get the"
              + " same bits on other clusters.%n",
          replicas);
    }
    Totals totals = new Totals();
    boolean isTerminal = System.console() != null;
    try (Console console = new Console(out, isTerminal)) {
      JobOptions options =
          new JobOptions(
              workers,
              config.cluster().maxRestarts(),
              config.servers().transport(),
              config.servers().port());
      List<TrainingListener> listeners =
          List.of(new ConfigWriter(directory, config), console, new MetricsFile(directory), totals);
      float[] values =
          new TrainingJob(spark, training, options, listeners)
              .run(data.trainRows(spark), Optional.of(data.testRows(spark)));
      RunSummary summary = new RunSummary(training.layout(), values);
      summary.writeModel(directory);
      summary.writeSummary(directory, totals.last, totals.seconds);
    }
    out.println("saved in " + directory.path());
  }

  /** Writes the resolved configuration once the data are good and the workers can start. */
  private record ConfigWriter(RunDirectory directory, RunConfig config)
      implements TrainingListener {
    @Override
    public void started(dev.kindling.spark.job.RunPlan run, int workers) {
      directory.write(directory.config(), config.toYaml());
    }
  }

  /** Time over all epochs, and the last one's result. */
  private static final class Totals implements TrainingListener {
    private volatile EpochResult last;
    private volatile double seconds;

    @Override
    public void epochEnded(EpochResult result, float[] values) {
      last = result;
      seconds += result.trainSeconds();
    }
  }
}
