package dev.kindling.spark.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.constructor.StandardConstructor;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** YAML 1.2 with the line of every key. */
final class Yaml {
  private final String source;
  private final LoadSettings settings;

  private Yaml(String source) {
    this.source = source;
    this.settings = LoadSettings.builder().setLabel(source).setSchema(new CoreSchema()).build();
  }

  /** Reads a file. */
  static Written read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": this is no text; give the path of a YAML file", e);
    } catch (IOException e) {
      throw new ConfigException(
          "%s: the configuration cannot be read (%s); give the path of a YAML file"
              .formatted(file, e instanceof java.nio.file.NoSuchFileException ? "no such file" : e),
          e);
    }
  }

  /** Reads a text; {@code source} is what messages call it. */
  static Written parse(String source, String text) {
    Yaml yaml = new Yaml(source);
    try {
      Optional<Node> root = new Compose(yaml.settings).composeString(text);
      return root.map(node -> yaml.written(node, source)).orElse(new Written(null, source));
    } catch (MarkedYamlEngineException e) {
      String where = e.getProblemMark().map(mark -> yaml.line(mark.getLine())).orElse(source);
      throw new ConfigException(where + ": this is no YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new ConfigException(source + ": this is no YAML: " + e.getMessage(), e);
    }
  }

  private String line(int line) {
    return source.startsWith("--set") ? source : source + ", line " + (line + 1);
  }

  private String place(Node node) {
    return node.getStartMark().map(mark -> line(mark.getLine())).orElse(source);
  }

  private Written written(Node node, String where) {
    if (node instanceof MappingNode map) {
      return new Written(keys(map), where);
    }
    if (node instanceof SequenceNode list) {
      List<Written> items = new ArrayList<>();
      list.getValue().forEach(item -> items.add(written(item, place(item))));
      return new Written(Collections.unmodifiableList(items), where);
    }
    return new Written(scalar(node), where);
  }

  private Map<String, Written> keys(MappingNode map) {
    Map<String, Written> keys = new LinkedHashMap<>();
    for (NodeTuple pair : map.getValue()) {
      String where = place(pair.getKeyNode());
      String key = String.valueOf(scalar(pair.getKeyNode()));
      if (keys.put(key, written(pair.getValueNode(), where)) != null) {
        throw new ConfigException(where + ": the key '" + key + "' is here a second time");
      }
    }
    return Collections.unmodifiableMap(keys);
  }

  private Object scalar(Node node) {
    return new StandardConstructor(settings).constructSingleDocument(Optional.of(node));
  }

  /** Writes plain maps, lists and values. */
  static String write(Object tree) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setSchema(new CoreSchema())
            .build();
    return new Dump(settings).dumpToString(tree);
  }
}
