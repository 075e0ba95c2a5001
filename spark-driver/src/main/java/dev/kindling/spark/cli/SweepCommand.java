package dev.kindling.spark.cli;

import dev.kindling.spark.config.FederatedRunConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.config.SweepConfig;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.metrics.RunCurve;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes many runs in one JVM, which starts and compiles once. */
@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the runs of a list, one after the other in one process. Those that are done stay, one",
      "that was interrupted goes on, one that diverges is noted and the next begins."
    })
final class SweepCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SWEEP", description = "The runs, YAML: config, vary, lines.")
  private Path file;

  @Mixin private Common common;

  @Option(
      names = "--into",
      paramLabel = "DIR",
      required = true,
      description = "A run directory each goes here, and one log.txt.")
  private String into;

  @Option(
      names = "--only",
      paramLabel = "PATTERN",
      defaultValue = ".*",
      description = "Of the runs, those whose whole name fits this regular expression.")
  private Pattern only;

  @Override
  public Integer call() throws IOException {
    SweepConfig sweep = SweepConfig.read(file);
    for (SweepConfig.Run run : sweep.runs()) {
      if (only.matcher(run.name()).matches()) {
        make(sweep.config(), run);
      }
    }
    return ExitCode.DONE;
  }

  private void make(Path config, SweepConfig.Run run) throws IOException {
    RunDirectory directory = RunDirectory.soFar(into + "/" + run.name());
    if (RunCurve.isOver(directory)) {
      directory.release();
      return;
    }
    System.out.printf("%n%s%n", run.name());
    try {
      if (Files.exists(directory.config())) {
        resume(directory);
      } else {
        start(config, run, directory);
      }
    } catch (TrainingException e) {
      if (e.kind() != TrainingException.Kind.DIVERGED) {
        throw e;
      }
      System.out.println("diverged: " + e.getMessage());
    }
  }

  private void start(Path config, SweepConfig.Run run, RunDirectory directory) throws IOException {
    List<String> settings = new ArrayList<>(run.settings());
    settings.addAll(common.overrides());
    RunDirectory.forNewRun(directory.path());
    if (FederatedRunConfig.isFederated(config)) {
      new FederatedRun(FederatedRunConfig.read(config, settings), directory, System.out).start();
    } else {
      new TrainingRun(RunConfig.read(config, settings), directory, System.out).start();
    }
  }

  private static void resume(RunDirectory directory) throws IOException {
    Path config = directory.config();
    if (FederatedRunConfig.isFederated(config)) {
      new FederatedRun(FederatedRunConfig.read(config, List.of()), directory, System.out).resume();
    } else {
      new TrainingRun(RunConfig.read(config, List.of()), directory, System.out).resume();
    }
  }
}
