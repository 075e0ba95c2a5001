package dev.kindling.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The examples that draw digits as applications; their master is what they are submitted to. */
final class DigitsRun {
  /** Steps of an epoch: 20,000 rows in batches of 64. */
  static final int STEPS = 313;

  private DigitsRun() {}

  /** {@code examples/digits-mlp.yaml} into a run directory. */
  static Application train(
      String runDirectory, int epochs, int replicas, int workers, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "train.epochs=" + epochs,
                "train.replicas=" + replicas,
                "cluster.workers=" + workers));
    settings.addAll(Arrays.asList(more));
    String example = example("digits-mlp.yaml");
    return application(List.of("train", example, "--run-dir", runDirectory, "--verbose"), settings);
  }

  /** {@code examples/fedavg/digits.yaml} into a run directory. */
  static Application federated(String runDirectory, int rounds) {
    return application(
        List.of("federated", example("fedavg/digits.yaml"), "--run-dir", runDirectory, "--verbose"),
        List.of("federated.rounds=" + rounds));
  }

  private static String example(String name) {
    return Distribution.built().home().resolve("examples").resolve(name).toString();
  }

  /** Goes on with what a run directory holds. */
  static Application resume(String runDirectory, String... settings) {
    return application(List.of("resume", runDirectory, "--verbose"), Arrays.asList(settings));
  }

  /** Any command. */
  static Application command(String... arguments) {
    return application(Arrays.asList(arguments), List.of());
  }

  private static Application application(List<String> command, List<String> settings) {
    List<String> arguments = new ArrayList<>(command);
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return new Application(
        Distribution.built().kindlingJar(), "dev.kindling.spark.cli.Main", arguments, Map.of());
  }
}
