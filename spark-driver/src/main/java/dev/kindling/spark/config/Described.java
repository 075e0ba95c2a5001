package dev.kindling.spark.config;

import dev.kindling.spec.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Losses, optimizers and schedules in YAML: {@code {type: Adam, lr: 0.001}}, also {@code Adam: {lr:
 * 0.001}} or a name alone. And models, as {@link Spec#read} describes.
 */
final class Described {
  private static final String TYPE = "type";

  private Described() {}

  /** Brings every form to {@code {type: ..., argument: ...}}, so that one key can be overridden. */
  static Written withType(Written written) {
    if (written.value() instanceof String) {
      return Written.empty(written.where()).with(TYPE, written);
    }
    if (written.keys().size() == 1 && !written.keys().containsKey(TYPE)) {
      Map.Entry<String, Written> only = written.keys().entrySet().iterator().next();
      boolean hasArguments = only.getValue().isMap() || only.getValue().value() == null;
      if (hasArguments && Character.isUpperCase(only.getKey().codePointAt(0))) {
        Map<String, Written> arguments = new LinkedHashMap<>();
        arguments.put(TYPE, new Written(only.getKey(), only.getValue().where()));
        arguments.putAll(only.getValue().keys());
        return new Written(arguments, written.where());
      }
    }
    return written;
  }

  /** Reads a type with its arguments, and checks it by making what it describes. */
  static Spec read(String name, Written written, Consumer<Spec> check) {
    Written typed = withType(written);
    Written type = typed.keys().get(TYPE);
    if (type == null || !(type.value() instanceof String)) {
      throw new ConfigException(
          "%s: %s is '%s'; its type is missing, e.g. {type: Adam, lr: 0.001}"
              .formatted(written.where(), name, written.plain()));
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    typed.keys().forEach((key, value) -> arguments.put(key, value.plain()));
    arguments.remove(TYPE);
    return checked(typed.where(), new Spec((String) type.value(), arguments), check);
  }

  /** Reads a model; an error names the line of its layer. */
  static Spec readModel(String name, Written written, Consumer<Spec> check) {
    if (written.isList()) {
      written.items().forEach(layer -> checkedModel(name, layer, check));
    }
    return checkedModel(name, written, check);
  }

  /**
   * Reads a list of types with their arguments, or one alone; an error names the line of its own.
   */
  static void readList(String name, Written written, Consumer<Spec> check) {
    List<Written> items = written.isList() ? written.items() : List.of(written);
    items.forEach(item -> checkedModel(name, item, check));
  }

  private static Spec checkedModel(String name, Written written, Consumer<Spec> check) {
    try {
      return checked(written.where(), Spec.read(name, written.plain()), check);
    } catch (dev.kindling.spec.SpecException e) {
      throw new ConfigException(written.where() + ": " + e.getMessage(), e);
    }
  }

  private static Spec checked(String where, Spec spec, Consumer<Spec> check) {
    try {
      check.accept(spec);
      return spec;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(where + ": " + e.getMessage(), e);
    }
  }

  /** What {@link #read} reads. */
  static Object write(Spec spec) {
    if (spec.arguments().isEmpty()) {
      return spec.type();
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(TYPE, spec.type());
    map.putAll(spec.arguments());
    return map;
  }

  /** What {@link #readModel} reads. */
  static Object writeModel(Spec spec) {
    return spec.type().equals("Sequential")
        ? spec.specs("layers").stream().map(Spec::written).toList()
        : List.of(spec.written());
  }
}
