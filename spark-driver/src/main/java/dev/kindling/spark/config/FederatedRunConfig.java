package dev.kindling.spark.config;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.partition.ClientPartition;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A federated run as the command line knows it: the sections of a training run, of which {@code
 * train} gives the seed alone and {@code schedule} counts rounds, and the section {@code
 * federated}. Immutable.
 *
 * @param base the other sections
 * @param federated clients and rounds
 */
public record FederatedRunConfig(RunConfig base, FederatedSection federated) {
  private static final String SECTION = "federated";

  /**
   * Reads a configuration.
   *
   * @param overrides {@code a.b=c}, each wins over the file
   * @throws ConfigException naming the file, the line, the key and the nearest known one
   */
  public static FederatedRunConfig read(Path file, List<String> overrides) {
    List<String> own = new ArrayList<>();
    List<String> others = new ArrayList<>();
    overrides.forEach(o -> (o.startsWith(SECTION + ".") ? own : others).add(o));
    Written written = Overrides.apply(Yaml.read(file), own);
    requireSection(written);
    RunConfig base = RunConfig.of(without(written), others);
    Section section = new Section(SECTION, written.keys().get(SECTION));
    FederatedRunConfig config =
        new FederatedRunConfig(base, FederatedSection.of(section, base.data(), written.where()));
    config.check(written.where());
    return config;
  }

  private static void requireSection(Written written) {
    if (!written.keys().containsKey(SECTION)) {
      throw new ConfigException(
          written.where()
              + ": the section 'federated' is missing; write e.g. federated: {rounds: 100, clients: 100}");
    }
  }

  /** Whether a configuration has the section. */
  public static boolean isFederated(Path file) {
    return Yaml.read(file).keys().containsKey(SECTION);
  }

  private static Written without(Written written) {
    Map<String, Written> keys = new LinkedHashMap<>(written.keys());
    keys.remove(SECTION);
    return new Written(keys, written.where());
  }

  private void check(String where) {
    if (base.data().validation() > 0) {
      throw new ConfigException(
          where
              + ": data.validation is not for federated runs, whose rows stay with their clients; give test rows");
    }
    try {
      training().clientPrivacy().ifPresent(kept -> requireNothingLearned());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(where + ": " + e.getMessage(), e);
    }
  }

  private void requireNothingLearned() {
    base.data()
        .frame()
        .ifPresent(frame -> frame.spec(base.data().normalisation()).requireNothingLearned());
    if (base.data().format().equals("characters")) {
      throw new IllegalArgumentException(
          "privacy: the vocabulary of data.format characters would be learned from all clients' rows, which clipping and noise do not cover; give columns of numbers");
    }
  }

  /** What is learned and how. */
  public FederatedConfig training() {
    TrainingConfig training = base.training(1);
    return new FederatedConfig(
        training.model(),
        training.loss(),
        training.optimizer(),
        training.schedule(),
        FederatedAlgorithm.of(federated.server()),
        federated.rounds(),
        federated.participation(),
        federated.local(),
        federated.privacy().orElse(null),
        training.seed());
  }

  /** This configuration with the id of its run. */
  public FederatedRunConfig named(String id) {
    return new FederatedRunConfig(base.named(id), federated);
  }

  /** How rows are dealt to clients. */
  public ClientPartition partition() {
    return ClientPartition.of(federated.partition());
  }

  /** YAML that {@link #read} reads back. */
  public String toYaml() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put(SECTION, federated.written());
    return base.toYaml() + Yaml.write(tree);
  }
}
