package dev.kindling.spark.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A configuration as it was written: maps, lists and plain values. */
final class ConfigTree {
  private ConfigTree() {}

  /** Reads a YAML file. */
  static Map<String, Object> read(Path file) {
    try {
      return asMap(file.toString(), parse(file.toString(), Files.readString(file)));
    } catch (IOException e) {
      throw new ConfigException(
          "%s: the configuration cannot be read (%s); give the path of a YAML file"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  static Object parse(String source, String yaml) {
    try {
      return new Load(LoadSettings.builder().setLabel(source).build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new ConfigException(source + ": this is no YAML: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> asMap(String where, Object written) {
    if (written == null) {
      return new LinkedHashMap<>();
    }
    if (written instanceof Map<?, ?> map
        && map.keySet().stream().allMatch(String.class::isInstance)) {
      return new LinkedHashMap<>((Map<String, Object>) map);
    }
    throw new ConfigException(where + ": keys with values are needed here, not: " + written);
  }

  /** Sets {@code a.b=c}; the value is read as YAML, so that 3 is a number and [1, 2] a list. */
  static void set(Map<String, Object> tree, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new ConfigException(
          "--set " + assignment + ": write it as key=value, e.g. train.epochs=2");
    }
    List<String> path = List.of(assignment.substring(0, equals).split("\\."));
    Map<String, Object> at = tree;
    for (String key : path.subList(0, path.size() - 1)) {
      Map<String, Object> below = asMap(assignment, at.get(key));
      at.put(key, below);
      at = below;
    }
    at.put(
        path.get(path.size() - 1), parse("--set " + assignment, assignment.substring(equals + 1)));
  }

  static String toYaml(Map<String, Object> tree) {
    DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(tree);
  }
}
