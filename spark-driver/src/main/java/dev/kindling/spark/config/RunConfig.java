package dev.kindling.spark.config;

import dev.kindling.nn.Loss;
import dev.kindling.nn.Modules;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.spec.Spec;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run as the command line knows it: what is trained, on which data, where. Read from YAML, with
 * single keys overridden. Immutable.
 *
 * @param run the run's id, once it has begun; names its checkpoints
 * @param data where the rows come from
 * @param model the network, a list of layers
 * @param loss of a sample
 * @param optimizer the update rule
 * @param schedule the learning rate of each step, constant by default
 * @param train how long and in which portions
 * @param cluster where it is computed
 * @param servers where the parameters are
 * @param checkpoint what is kept of an interrupted run
 */
public record RunConfig(
    Optional<String> run,
    DataConfig data,
    Spec model,
    Spec loss,
    Spec optimizer,
    Spec schedule,
    TrainConfig train,
    ClusterConfig cluster,
    ServersConfig servers,
    CheckpointConfig checkpoint) {

  private static final List<String> TYPED = List.of("loss", "optimizer", "schedule");

  /**
   * Reads a configuration.
   *
   * @param file YAML
   * @param overrides {@code a.b=c}, each wins over the file
   * @throws ConfigException naming the file, the line, the key and the nearest known one
   */
  public static RunConfig read(Path file, List<String> overrides) {
    return of(Yaml.read(file), overrides);
  }

  static RunConfig of(Written file, List<String> overrides) {
    Section root = new Section("", Overrides.apply(typed(file), overrides));
    RunConfig config =
        new RunConfig(
            root.text("run"),
            DataConfig.of(root.section("data")),
            Described.readModel("model", required(root, file, "model"), Modules::of),
            Described.read("loss", required(root, file, "loss"), Loss::of),
            Described.read("optimizer", required(root, file, "optimizer"), Optimizer::of),
            Described.read(
                "schedule",
                root.find("schedule").orElse(new Written("Constant", file.where())),
                Schedule::of),
            TrainConfig.of(root.section("train")),
            ClusterConfig.of(root.section("cluster")),
            ServersConfig.of(root.section("servers")),
            CheckpointConfig.of(root.section("checkpoint")));
    root.end();
    config.checkCounts(file.where());
    return config;
  }

  private static Written typed(Written file) {
    Written typed = file;
    for (String key : TYPED) {
      Written value = file.keys().get(key);
      typed = value == null ? typed : typed.with(key, Described.withType(value));
    }
    return typed;
  }

  private static Written required(Section root, Written file, String key) {
    return root.find(key)
        .orElseThrow(
            () -> new ConfigException(file.where() + ": the key '" + key + "' is missing"));
  }

  private void checkCounts(String where) {
    try {
      training(train.replicas().orElse(1));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(where + ": " + e.getMessage(), e);
    }
  }

  /** What is trained, with this many logical replicas. */
  public TrainingConfig training(int replicas) {
    return new TrainingConfig(
        Modules.of(model),
        Loss.of(loss),
        Optimizer.of(train.largeBatch().scale(optimizer)),
        train.largeBatch().warmUp(Schedule.of(schedule), optimizer.type()),
        train.batchSize(),
        train.epochs(),
        replicas,
        train.seed(),
        data.transforms(),
        train.detectAnomaly(),
        servers.wire());
  }

  /** This configuration with what the run has decided on. */
  public RunConfig resolved(String id, int replicas, int workers) {
    return with(id, train.withReplicas(replicas), cluster.withWorkers(workers));
  }

  /** This configuration with the id of its run. */
  RunConfig named(String id) {
    return with(id, train, cluster);
  }

  private RunConfig with(String id, TrainConfig decidedTrain, ClusterConfig decidedCluster) {
    return new RunConfig(
        Optional.of(id),
        data,
        model,
        loss,
        optimizer,
        schedule,
        decidedTrain,
        decidedCluster,
        servers,
        checkpoint);
  }

  /** YAML that {@link #read} reads back to the same configuration. */
  public String toYaml() {
    Map<String, Object> tree = new LinkedHashMap<>();
    run.ifPresent(id -> tree.put("run", id));
    tree.put("data", data.written());
    tree.put("model", Described.writeModel(model));
    tree.put("loss", Described.write(loss));
    tree.put("optimizer", Described.write(optimizer));
    tree.put("schedule", Described.write(schedule));
    tree.put("train", train.written());
    tree.put("cluster", cluster.written());
    tree.put("servers", servers.written());
    tree.put("checkpoint", checkpoint.written());
    return Yaml.write(tree);
  }
}
