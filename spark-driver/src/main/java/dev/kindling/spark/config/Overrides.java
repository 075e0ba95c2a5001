package dev.kindling.spark.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code --set a.b=c}: sets keys of a configuration, each winning over the file and those before.
 * The value is read as YAML, so that 3 is a number and [1, 2] a list.
 */
final class Overrides {
  private Overrides() {}

  static Written apply(Written root, List<String> assignments) {
    Written changed = root;
    for (String assignment : assignments) {
      changed = apply(changed, assignment);
    }
    return changed;
  }

  private static Written apply(Written root, String assignment) {
    String where = "--set " + assignment;
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new ConfigException(where + ": write it as key=value, e.g. train.epochs=2");
    }
    Object value = Yaml.parse(where, assignment.substring(equals + 1)).value();
    List<String> path = List.of(assignment.substring(0, equals).strip().split("\\.", -1));
    return set(root, path, new Written(value, where));
  }

  private static Written set(Written at, List<String> path, Written value) {
    if (path.isEmpty()) {
      return value;
    }
    if (at.isList()) {
      return setItem(at, path, value);
    }
    Written map = at.isMap() ? at : Written.empty(value.where());
    String key = path.get(0);
    Written below = map.keys().getOrDefault(key, Written.empty(value.where()));
    return map.with(key, set(below, path.subList(1, path.size()), value));
  }

  /** {@code model.3.Linear.out=20}: items of a list are counted from zero. */
  private static Written setItem(Written list, List<String> path, Written value) {
    List<Written> items = new ArrayList<>(list.items());
    String index = path.get(0);
    if (!index.matches("[0-9]{1,9}") || Integer.parseInt(index) >= items.size()) {
      throw new ConfigException(
          "%s: '%s' is no item of a list of %d; they are counted from 0"
              .formatted(value.where(), index, items.size()));
    }
    int i = Integer.parseInt(index);
    items.set(i, set(items.get(i), path.subList(1, path.size()), value));
    return new Written(Collections.unmodifiableList(items), list.where());
  }
}
