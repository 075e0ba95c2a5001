package dev.kindling.spark.config;

import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.Transport;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A run as the command line knows it: what is trained, on which data, where. Read from YAML, with
 * single keys overridden. Immutable.
 *
 * @param data where the rows come from
 * @param model the network, a list of layers
 * @param loss of a sample
 * @param optimizer the update rule
 * @param schedule the learning rate of each step
 * @param train how long and in which portions
 * @param cluster where it is computed
 * @param servers where the parameters are
 */
public record RunConfig(
    Data data,
    Spec model,
    Spec loss,
    Spec optimizer,
    Spec schedule,
    Train train,
    Cluster cluster,
    Servers servers) {

  /**
   * Where the rows come from.
   *
   * @param format {@code digits} (embedded, drawn by the project) or {@code idx} (MNIST and its
   *     kin)
   * @param path the folder of the files, for {@code idx}
   * @param mean of a pixel in [0, 1], taken off
   * @param deviation of a pixel, divided by
   */
  public record Data(String format, Optional<Path> path, double mean, double deviation) {
    private static final List<String> FORMATS = List.of("digits", "idx");

    private static Data of(Spec spec) {
      spec.allow("format", "path", "mean", "deviation");
      String format = spec.text("format", "digits");
      if (!FORMATS.contains(format)) {
        throw SpecException.unknown("data", "format", format, FORMATS);
      }
      Optional<Path> path = Optional.ofNullable(spec.text("path", null)).map(Path::of);
      return new Data(format, path, spec.number("mean", 0), spec.number("deviation", 1));
    }

    private Map<String, Object> written() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("format", format);
      path.ifPresent(p -> map.put("path", p.toString()));
      map.put("mean", mean);
      map.put("deviation", deviation);
      return map;
    }
  }

  /**
   * How long and in which portions.
   *
   * @param epochs passes over the data, 1 by default
   * @param batchSize samples of a step over all workers, 64 by default
   * @param seed of everything random, 1 by default
   * @param replicas logical replicas; the number of workers where it is not set
   */
  public record Train(int epochs, int batchSize, long seed, OptionalInt replicas) {
    private static Train of(Spec spec) {
      spec.allow("epochs", "batch_size", "seed", "replicas");
      return new Train(
          spec.integer("epochs", 1),
          spec.integer("batch_size", 64),
          (long) spec.number("seed", 1),
          optional(spec, "replicas"));
    }

    private Map<String, Object> written() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("epochs", epochs);
      map.put("batch_size", batchSize);
      map.put("seed", seed);
      replicas.ifPresent(r -> map.put("replicas", r));
      return map;
    }
  }

  /**
   * Where it is computed.
   *
   * @param master Spark's master, {@code local[*]} by default; empty under spark-submit
   * @param workers Spark tasks that train; as many as there are slots where it is not set
   * @param maxRestarts how often the workers are started again after a loss, 10 by default
   */
  public record Cluster(Optional<String> master, OptionalInt workers, int maxRestarts) {
    private static Cluster of(Spec spec) {
      spec.allow("master", "workers", "max_restarts");
      return new Cluster(
          Optional.ofNullable(spec.text("master", null)),
          optional(spec, "workers"),
          spec.integer("max_restarts", 10));
    }

    private Map<String, Object> written() {
      Map<String, Object> map = new LinkedHashMap<>();
      master.ifPresent(m -> map.put("master", m));
      workers.ifPresent(w -> map.put("workers", w));
      map.put("max_restarts", maxRestarts);
      return map;
    }
  }

  /**
   * Where the parameters are.
   *
   * @param transport how workers reach them, {@code auto} by default
   * @param port where the driver listens for workers of other JVMs; 0, any free one, by default
   */
  public record Servers(Transport transport, int port) {
    private static final List<String> TRANSPORTS = List.of("auto", "in-process", "socket");

    private static Servers of(Spec spec) {
      String transport = spec.allow("transport", "port").text("transport", "auto");
      if (!TRANSPORTS.contains(transport)) {
        throw SpecException.unknown("servers", "transport", transport, TRANSPORTS);
      }
      return new Servers(Transport.of(transport), spec.integer("port", 0));
    }

    private Map<String, Object> written() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("transport", TRANSPORTS.get(transport.ordinal()));
      map.put("port", port);
      return map;
    }
  }

  /**
   * Reads a configuration.
   *
   * @param file YAML
   * @param overrides {@code a.b=c}, each wins over the file
   * @throws ConfigException naming the file, the key and the nearest known one
   */
  public static RunConfig read(Path file, List<String> overrides) {
    Map<String, Object> tree = ConfigTree.read(file);
    overrides.forEach(assignment -> ConfigTree.set(tree, assignment));
    try {
      return of(tree);
    } catch (SpecException e) {
      throw new ConfigException(file + ": " + e.getMessage(), e);
    }
  }

  private static RunConfig of(Map<String, Object> tree) {
    new Spec("configuration", tree)
        .allow("data", "model", "loss", "optimizer", "schedule", "train", "cluster", "servers");
    RunConfig config =
        new RunConfig(
            Data.of(section(tree, "data")),
            SpecYaml.readModel("model", required(tree, "model")),
            SpecYaml.read("loss", required(tree, "loss")),
            SpecYaml.read("optimizer", required(tree, "optimizer")),
            SpecYaml.read("schedule", tree.getOrDefault("schedule", "Constant")),
            Train.of(section(tree, "train")),
            Cluster.of(section(tree, "cluster")),
            Servers.of(section(tree, "servers")));
    config.training(config.train.batchSize == 0 ? 1 : Math.max(1, config.train.replicas.orElse(1)));
    return config;
  }

  private static Spec section(Map<String, Object> tree, String name) {
    return new Spec(name, ConfigTree.asMap(name, tree.get(name)));
  }

  private static Object required(Map<String, Object> tree, String key) {
    Object value = tree.get(key);
    if (value == null) {
      throw new SpecException("the key '" + key + "' is missing");
    }
    return value;
  }

  private static OptionalInt optional(Spec spec, String name) {
    if (!spec.has(name)) {
      return OptionalInt.empty();
    }
    int value = spec.integer(name);
    if (value < 1) {
      throw new SpecException(
          "%s: %s is %d; it must be at least 1".formatted(spec.type(), name, value));
    }
    return OptionalInt.of(value);
  }

  /** What is trained, with this many logical replicas. */
  public TrainingConfig training(int replicas) {
    Module network = Modules.of(model);
    return new TrainingConfig(
        network,
        Loss.of(loss),
        Optimizer.of(optimizer),
        Schedule.of(schedule),
        train.batchSize,
        train.epochs,
        replicas,
        train.seed);
  }

  /** This configuration with the counts that the run decided on. */
  public RunConfig resolved(int replicas, int workers) {
    return new RunConfig(
        data,
        model,
        loss,
        optimizer,
        schedule,
        new Train(train.epochs, train.batchSize, train.seed, OptionalInt.of(replicas)),
        new Cluster(cluster.master, OptionalInt.of(workers), cluster.maxRestarts),
        servers);
  }

  /** YAML that {@link #read} reads back to the same configuration. */
  public String toYaml() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("data", data.written());
    tree.put("model", SpecYaml.writeModel(model));
    tree.put("loss", SpecYaml.write(loss));
    tree.put("optimizer", SpecYaml.write(optimizer));
    tree.put("schedule", SpecYaml.write(schedule));
    tree.put("train", train.written());
    tree.put("cluster", cluster.written());
    tree.put("servers", servers.written());
    return ConfigTree.toYaml(tree);
  }
}
