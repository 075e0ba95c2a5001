package dev.kindling.spark.cli;

import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.FederatedRunConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run that was interrupted, to the same bits as if it never had been. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = "Goes on with a run from its newest checkpoint.")
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory that train has left.")
  private String run;

  @Mixin private Common common;

  @Override
  public Integer call() throws IOException {
    RunDirectory directory = RunDirectory.ofRun(run);
    if (FederatedRunConfig.isFederated(directory.config())) {
      return resumeFederated(directory);
    }
    common.overrides().forEach(ResumeCommand::checkOverride);
    RunConfig before = RunConfig.read(directory.config(), List.of());
    if (before.run().isEmpty()) {
      throw new ConfigException(
          "%s holds no run: its config.yaml has no run id; give the folder that train has printed"
              .formatted(run));
    }
    RunConfig config = RunConfig.read(directory.config(), common.overrides());
    if (Files.exists(directory.summary()) && config.train().epochs() <= before.train().epochs()) {
      System.out.printf(
          "%s has come to its end; to train on, add --set train.epochs=N with N above %d%n",
          run, before.train().epochs());
      return ExitCode.DONE;
    }
    new TrainingRun(config, directory, System.out).resume();
    return ExitCode.DONE;
  }

  private int resumeFederated(RunDirectory directory) throws IOException {
    common.overrides().forEach(ResumeCommand::checkFederatedOverride);
    FederatedRunConfig config = FederatedRunConfig.read(directory.config(), common.overrides());
    new FederatedRun(config, directory, System.out).resume();
    return ExitCode.DONE;
  }

  private static void checkFederatedOverride(String assignment) {
    boolean isFree =
        List.of(
                "cluster.",
                "checkpoint.",
                "data.path=",
                "federated.rounds=",
                "federated.deadline_seconds=",
                "federated.checkpoint_every=")
            .stream()
            .anyMatch(assignment::startsWith);
    if (!isFree) {
      throw new ConfigException(
          "--set %s: a resumed federated run may change cluster.*, checkpoint.*, data.path, federated.rounds, deadline_seconds and checkpoint_every alone; for all else start a new run"
              .formatted(assignment));
    }
  }

  /** What decides the result must stay as it was. */
  private static void checkOverride(String assignment) {
    boolean isFree =
        assignment.startsWith("cluster.")
            || assignment.startsWith("servers.") && !assignment.startsWith("servers.wire=")
            || assignment.startsWith("checkpoint.")
            || assignment.startsWith("train.epochs=")
            || assignment.startsWith("data.path=");
    if (!isFree) {
      throw new ConfigException(
          "--set %s: a resumed run may change cluster.*, servers.* but servers.wire, checkpoint.*, train.epochs and data.path alone; for all else start a new run"
              .formatted(assignment));
    }
  }
}
