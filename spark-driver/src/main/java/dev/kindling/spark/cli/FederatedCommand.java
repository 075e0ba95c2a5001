package dev.kindling.spark.cli;

import dev.kindling.spark.config.FederatedRunConfig;
import dev.kindling.spark.metrics.FederatedMetricsFile;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a network by federated averaging and leaves a run directory. */
@Command(
    name = "federated",
    mixinStandardHelpOptions = true,
    description = "Trains a network across clients who keep their data.")
final class FederatedCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CONFIG", description = "Configuration, YAML.")
  private Path file;

  @Mixin private Common common;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "Where results go, on a local disk or e.g. hdfs://name/runs/1; a new folder below runs/"
              + " by default.")
  private String runDirectory;

  @Option(
      names = "--replay",
      paramLabel = "RUN",
      description =
          "Repeats the rounds of a run with this configuration among the clients that answered in"
              + " them, to the same bits, whoever is late now.")
  private String replayed;

  @Override
  public Integer call() throws IOException {
    RunDirectory directory =
        RunDirectory.forNewRun(
            runDirectory != null ? runDirectory : TrainCommand.freshDirectory(file).toString());
    FederatedRunConfig config = FederatedRunConfig.read(file, common.overrides());
    FederatedRun run = new FederatedRun(config, directory, System.out);
    if (replayed != null) {
      RunDirectory before = RunDirectory.figuresOf(replayed);
      run.replaying(FederatedMetricsFile.recorded(before));
      before.release();
    }
    run.start();
    return ExitCode.DONE;
  }
}
