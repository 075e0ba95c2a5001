package dev.kindling.spark.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Many runs of a configuration, each with settings of its own:
 *
 * <pre>
 * config: mnist.yaml                       # beside this file
 * vary:                                    # every combination; may be left out
 *   train.seed: [1, 2, 3]
 *   train.batch_size: [64, 512]
 * lines:                                   # each with every combination
 *   unscaled: {train.lr_scaling: none}
 *   warm-up: {train.warmup_epochs: 2}
 * </pre>
 *
 * gives {@code unscaled.1.64}, {@code warm-up.1.64}, {@code unscaled.1.512}, ... Immutable.
 *
 * @param config the file that all runs begin with
 * @param runs in the order in which they are made
 */
public record SweepConfig(Path config, List<Run> runs) {

  /**
   * One run.
   *
   * @param name its line, then the values that vary, with dots between
   * @param settings {@code key=value}
   */
  public record Run(String name, List<String> settings) {
    /** Copies the list. */
    public Run {
      settings = List.copyOf(settings);
    }

    private Run with(String key, Written value) {
      List<String> more = new ArrayList<>(settings);
      more.add(assignment(key, value));
      return new Run(name + "." + value.value(), more);
    }
  }

  /** Copies the list. */
  public SweepConfig {
    runs = List.copyOf(runs);
  }

  /**
   * Reads a sweep.
   *
   * @throws ConfigException naming the file, the line and the key
   */
  public static SweepConfig read(Path file) {
    Section root = new Section("", Yaml.read(file));
    String config =
        root.text("config")
            .orElseThrow(
                () ->
                    new ConfigException(
                        file + ": the key 'config' is missing; write e.g. config: mnist.yaml"));
    List<Run> runs = new ArrayList<>();
    for (List<Map.Entry<String, Written>> values : combinations(root.find("vary"))) {
      for (Map.Entry<String, Written> line : lines(root, file).entrySet()) {
        Run run = new Run(line.getKey(), settings(line.getValue()));
        for (Map.Entry<String, Written> value : values) {
          run = run.with(value.getKey(), value.getValue());
        }
        runs.add(run);
      }
    }
    root.end();
    return new SweepConfig(file.resolveSibling(config), runs);
  }

  private static Map<String, Written> lines(Section root, Path file) {
    Map<String, Written> lines = root.find("lines").map(Written::keys).orElse(Map.of());
    if (lines.isEmpty()) {
      throw new ConfigException(
          file + ": the key 'lines' is missing; write e.g. lines: {plain: {}}");
    }
    return lines;
  }

  /** Every combination of one value each; the last key varies fastest. */
  private static List<List<Map.Entry<String, Written>>> combinations(Optional<Written> vary) {
    List<List<Map.Entry<String, Written>>> all = List.of(List.of());
    for (Map.Entry<String, Written> key : vary.map(Written::keys).orElse(Map.of()).entrySet()) {
      if (!key.getValue().isList()) {
        throw new ConfigException(
            "%s: vary.%s is '%s'; it must be a list"
                .formatted(key.getValue().where(), key.getKey(), key.getValue().plain()));
      }
      List<List<Map.Entry<String, Written>>> longer = new ArrayList<>();
      for (List<Map.Entry<String, Written>> start : all) {
        for (Written value : key.getValue().items()) {
          List<Map.Entry<String, Written>> one = new ArrayList<>(start);
          one.add(Map.entry(key.getKey(), value));
          longer.add(one);
        }
      }
      all = longer;
    }
    return all;
  }

  private static List<String> settings(Written line) {
    return line.keys().entrySet().stream().map(e -> assignment(e.getKey(), e.getValue())).toList();
  }

  private static String assignment(String key, Written value) {
    return key + "=" + Yaml.write(value.plain()).strip();
  }

  /** A number of a run's configuration, e.g. {@code train.batch_size}. */
  public static double number(Path config, String key) {
    Written at = Yaml.read(config);
    for (String name : key.split("\\.", -1)) {
      at = at.keys().getOrDefault(name, Written.empty(at.where()));
    }
    if (at.value() instanceof Number number) {
      return number.doubleValue();
    }
    throw new ConfigException("%s: %s is no number of this run".formatted(config, key));
  }
}
