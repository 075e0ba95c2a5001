package dev.kindling.spark.config;

import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.partition.ClientPartition;
import dev.kindling.federated.privacy.ClientPrivacy;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.spec.Spec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code federated}: clients and rounds.
 *
 * @param rounds how many, 100 by default
 * @param grouping what a client is: {@code clients} is a number, {@code group} (the rows with the
 *     same value in the column {@code data.group}; the default where that is set) or {@code
 *     partition} (a Spark partition)
 * @param clients that rows are dealt to, 100 by default; 0 where they are not dealt
 * @param partition how: {@code IID} (the default), {@code LabelShards}, {@code Dirichlet}
 * @param server what is done with the mean update, {@code FedAvg} by default
 * @param participation {@code fraction} (0.1), {@code over_selection} (1), {@code drop_out} (0)
 * @param local {@code local_epochs} (1), {@code local_batch_size} (10; or all), {@code
 *     micro_batch_size} (128)
 * @param privacy {@code clip}, {@code noise_multiplier}, {@code delta}; none where it is not
 *     written
 * @param deadlineSeconds of a round; 0, the default, for none
 * @param evaluateEvery rounds, 1 by default
 * @param checkpointEvery rounds, 10 by default
 * @param targetAccuracy on the test rows, at which the run ends; never by default
 */
public record FederatedSection(
    int rounds,
    ClientGrouping grouping,
    int clients,
    Spec partition,
    Spec server,
    Participation participation,
    LocalTraining local,
    Optional<ClientPrivacy> privacy,
    int deadlineSeconds,
    int evaluateEvery,
    int checkpointEvery,
    double targetAccuracy) {
  /** Larger than any accuracy. */
  private static final double NEVER = 2;

  private static final String ALL = "all";
  private static final String PARTITION = "partition";

  static FederatedSection of(Section section, DataConfig data, String where) {
    try {
      FederatedSection federated = read(section, ClientGrouping.of(section, data), where);
      section.end();
      return federated;
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(where + ": " + e.getMessage(), e);
    }
  }

  private static Spec partition(Section section, ClientGrouping grouping, String where) {
    Optional<Written> written = section.find(PARTITION);
    if (grouping != ClientGrouping.DEALT && written.isPresent()) {
      throw new ConfigException(
          "%s: federated.partition deals rows to made-up clients, and federated.clients is %s; remove one of them"
              .formatted(written.get().where(), grouping.written()));
    }
    return Described.read(
        "federated.partition", written.orElse(new Written("IID", where)), ClientPartition::of);
  }

  private static FederatedSection read(Section section, ClientGrouping grouping, String where) {
    return new FederatedSection(
        section.atLeast(1, "rounds", 100),
        grouping,
        grouping == ClientGrouping.DEALT ? section.atLeast(1, ClientGrouping.KEY, 100) : 0,
        partition(section, grouping, where),
        Described.read(
            "federated.server",
            section.find("server").orElse(new Written("FedAvg", where)),
            FederatedAlgorithm::of),
        new Participation(
            section.number("fraction", 0.1),
            section.number("over_selection", 1),
            section.number("drop_out", 0)),
        new LocalTraining(
            section.atLeast(1, "local_epochs", 1),
            batchSize(section),
            section.atLeast(1, "micro_batch_size", 128)),
        privacy(section),
        section.atLeast(0, "deadline_seconds", 0),
        section.atLeast(1, "evaluate_every", 1),
        section.atLeast(1, "checkpoint_every", 10),
        section.number("target_accuracy", NEVER));
  }

  private static int batchSize(Section section) {
    boolean isAll = section.text("local_batch_size").filter(ALL::equals).isPresent();
    return isAll ? 0 : section.atLeast(1, "local_batch_size", 10);
  }

  private static Optional<ClientPrivacy> privacy(Section section) {
    if (section.find("privacy").isEmpty()) {
      return Optional.empty();
    }
    Section privacy = section.section("privacy");
    ClientPrivacy read =
        new ClientPrivacy(
            privacy.number("clip", 1),
            privacy.number("noise_multiplier", 1),
            privacy.number("delta", 1e-5));
    privacy.end();
    return Optional.of(read);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rounds", rounds);
    map.put(ClientGrouping.KEY, grouping == ClientGrouping.DEALT ? clients : grouping.written());
    if (grouping == ClientGrouping.DEALT) {
      map.put(PARTITION, Described.write(partition));
    }
    map.put("server", Described.write(server));
    map.put("fraction", participation.fraction());
    map.put("over_selection", participation.overSelection());
    map.put("drop_out", participation.dropOut());
    map.put("local_epochs", local.epochs());
    map.put("local_batch_size", local.batchSize() == 0 ? ALL : local.batchSize());
    map.put("micro_batch_size", local.microBatch());
    privacy.ifPresent(kept -> map.put("privacy", written(kept)));
    map.put("deadline_seconds", deadlineSeconds);
    map.put("evaluate_every", evaluateEvery);
    map.put("checkpoint_every", checkpointEvery);
    if (targetAccuracy != NEVER) {
      map.put("target_accuracy", targetAccuracy);
    }
    return map;
  }

  private static Map<String, Object> written(ClientPrivacy privacy) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("clip", privacy.clip());
    map.put("noise_multiplier", privacy.noiseMultiplier());
    map.put("delta", privacy.delta());
    return map;
  }
}
