package dev.kindling.spark.cli;

import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a network and leaves a run directory. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a network as a configuration says.")
final class TrainCommand implements Callable<Integer> {
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

  @Override
  public Integer call() throws IOException {
    RunDirectory directory =
        RunDirectory.forNewRun(
            runDirectory != null ? runDirectory : freshDirectory(file).toString());
    RunConfig config = RunConfig.read(file, common.overrides());
    new TrainingRun(config, directory, System.out).start();
    return ExitCode.DONE;
  }

  /** Below runs/, by the configuration's name and the time. */
  static Path freshDirectory(Path file) {
    String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS"));
    return Path.of("runs", name + "-" + time);
  }
}
