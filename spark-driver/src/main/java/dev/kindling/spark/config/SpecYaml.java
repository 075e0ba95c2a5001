package dev.kindling.spark.config;

import dev.kindling.spec.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Layers, losses, optimizers and schedules in YAML: {@code ReLU}, or {@code Linear: {in: 784, out:
 * 128}}. What is nested below a type may hold types again.
 */
final class SpecYaml {
  private SpecYaml() {}

  /** Reads one type with its arguments. */
  static Spec read(String where, Object written) {
    if (written instanceof String type) {
      return new Spec(type, Map.of());
    }
    if (written instanceof Spec spec) {
      return spec;
    }
    Map<String, Object> map = ConfigTree.asMap(where, written);
    if (map.size() != 1) {
      throw new ConfigException(
          "%s: %s: one type with its arguments is needed, e.g. Adam: {lr: 0.001}"
              .formatted(where, written));
    }
    Map.Entry<String, Object> entry = map.entrySet().iterator().next();
    return new Spec(entry.getKey(), arguments(where + "." + entry.getKey(), entry.getValue()));
  }

  /** A list of layers is a Sequential. */
  static Spec readModel(String where, Object written) {
    return written instanceof List<?> layers
        ? new Spec("Sequential", Map.of("layers", readAll(where, layers)))
        : read(where, written);
  }

  private static List<Object> readAll(String where, List<?> written) {
    return written.stream().map(item -> nested(where, item)).toList();
  }

  private static Map<String, Object> arguments(String where, Object written) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    ConfigTree.asMap(where, written)
        .forEach((key, value) -> arguments.put(key, argument(where, value)));
    return arguments;
  }

  private static Object argument(String where, Object value) {
    return value instanceof List<?> list
        ? readAll(where, list)
        : isType(value) ? read(where, value) : value;
  }

  private static Object nested(String where, Object item) {
    boolean isName = item instanceof String name && startsUpper(name);
    return isName || isType(item) ? read(where, item) : item;
  }

  private static boolean isType(Object value) {
    return value instanceof Map<?, ?> map
        && map.size() == 1
        && map.keySet().iterator().next() instanceof String name
        && startsUpper(name);
  }

  private static boolean startsUpper(String name) {
    return !name.isEmpty() && Character.isUpperCase(name.charAt(0));
  }

  /** The written form of a spec, as {@link #read} takes it. */
  static Object write(Spec spec) {
    if (spec.arguments().isEmpty()) {
      return spec.type();
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    spec.arguments().forEach((key, value) -> arguments.put(key, plain(value)));
    return Map.of(spec.type(), arguments);
  }

  /** A model: a Sequential is written as the list of its layers. */
  static Object writeModel(Spec spec) {
    return spec.type().equals("Sequential") ? plain(spec.list("layers")) : write(spec);
  }

  private static Object plain(Object value) {
    if (value instanceof Spec spec) {
      return write(spec);
    }
    return value instanceof List<?> list ? list.stream().map(SpecYaml::plain).toList() : value;
  }
}
