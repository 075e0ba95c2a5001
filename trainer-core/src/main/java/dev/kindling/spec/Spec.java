package dev.kindling.spec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The written form of a layer, loss, optimizer or schedule: a type name and its arguments, as in a
 * YAML configuration. Argument values are strings, numbers, booleans, lists and maps.
 *
 * <p>Immutable.
 *
 * @param type the name of the type, e.g. {@code Adam}
 * @param arguments the arguments by name, in the order they were written
 */
public record Spec(String type, Map<String, Object> arguments) {

  /** Copies the arguments, keeping their order. */
  public Spec {
    arguments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
  }

  /** A spec from name and value pairs: {@code Spec.of("SGD", "lr", 0.1, "momentum", 0.9)}. */
  public static Spec of(String type, Object... namesAndValues) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      arguments.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Spec(type, arguments);
  }

  /**
   * Reads what YAML gives: {@code ReLU} for a name alone, {@code Linear: {in: 784, out: 128}} for a
   * name with arguments, {@code Residual: [...]} for one whose argument is its {@code layers}, a
   * list of layers for a Sequential.
   *
   * @param where the place in the configuration, for the message
   * @throws SpecException where it is none of them
   */
  public static Spec read(String where, Object written) {
    if (written instanceof Spec spec) {
      return spec;
    }
    if (written instanceof String type) {
      return of(type);
    }
    if (written instanceof List<?> layers) {
      return of("Sequential", "layers", layers);
    }
    if (written instanceof Map<?, ?> map && map.size() == 1) {
      Map.Entry<?, ?> entry = map.entrySet().iterator().next();
      return new Spec(entry.getKey().toString(), arguments(where, entry));
    }
    throw new SpecException(
        "%s: %s is not a name or a name with arguments; write 'Name' or 'Name: {argument: value}'"
            .formatted(where, written));
  }

  private static Map<String, Object> arguments(String where, Map.Entry<?, ?> written) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    if (written.getValue() instanceof Map<?, ?> map) {
      map.forEach((name, value) -> arguments.put(name.toString(), value));
    } else if (written.getValue() instanceof List<?> layers) {
      arguments.put("layers", layers);
    } else if (written.getValue() != null) {
      throw new SpecException(
          "%s: %s: %s is not a map of arguments; write '%s: {argument: value}'"
              .formatted(where, written.getKey(), written.getValue(), written.getKey()));
    }
    return arguments;
  }

  /** What {@link #read} reads: strings, numbers, booleans, lists and maps alone. */
  public Object written() {
    if (arguments.isEmpty()) {
      return type;
    }
    Map<String, Object> plain = new LinkedHashMap<>();
    arguments.forEach((name, value) -> plain.put(name, written(value)));
    return Map.of(type, plain);
  }

  private static Object written(Object value) {
    if (value instanceof Spec spec) {
      return spec.written();
    }
    return value instanceof List<?> list ? list.stream().map(Spec::written).toList() : value;
  }

  /** This with one more argument, unless it has its default value. */
  public Spec with(String name, Object value, Object defaultValue) {
    if (Objects.equals(value, defaultValue)) {
      return this;
    }
    Map<String, Object> more = new LinkedHashMap<>(arguments);
    more.put(name, value);
    return new Spec(type, more);
  }

  /** This without one argument. */
  public Spec without(String name) {
    Map<String, Object> fewer = new LinkedHashMap<>(arguments);
    fewer.remove(name);
    return new Spec(type, fewer);
  }

  /**
   * Refuses arguments other than the known ones.
   *
   * @throws SpecException naming the unknown argument and the nearest known one
   */
  public Spec allow(String... known) {
    for (String name : arguments.keySet()) {
      if (!List.of(known).contains(name)) {
        throw SpecException.unknown(type, "argument", name, List.of(known));
      }
    }
    return this;
  }

  /** Whether the argument was written. */
  public boolean has(String name) {
    return arguments.get(name) != null;
  }

  /** A number, or the default where it was not written. */
  public double number(String name, double defaultValue) {
    return has(name) ? number(name) : defaultValue;
  }

  /** A number that must have been written. */
  public double number(String name) {
    if (required(name) instanceof Number number) {
      return number.doubleValue();
    }
    throw wrongKind(name, "a number");
  }

  /** A whole number, or the default where it was not written. */
  public int integer(String name, int defaultValue) {
    return has(name) ? integer(name) : defaultValue;
  }

  /** A whole number that must have been written. */
  public int integer(String name) {
    double value = number(name);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw wrongKind(name, "a whole number");
    }
    return (int) value;
  }

  /** True or false, or the default where it was not written. */
  public boolean flag(String name, boolean defaultValue) {
    if (!has(name)) {
      return defaultValue;
    }
    if (arguments.get(name) instanceof Boolean flag) {
      return flag;
    }
    throw wrongKind(name, "true or false");
  }

  /** A text, or the default where it was not written. */
  public String text(String name, String defaultValue) {
    return has(name) ? arguments.get(name).toString() : defaultValue;
  }

  /** A list that must have been written. */
  public List<Object> list(String name) {
    if (required(name) instanceof Collection<?> list) {
      return new ArrayList<>(list);
    }
    throw wrongKind(name, "a list");
  }

  /** Values by name, in the order they were written; none where the argument was not written. */
  public Map<String, Object> map(String name) {
    if (!has(name)) {
      return Map.of();
    }
    if (!(arguments.get(name) instanceof Map<?, ?> map)) {
      throw wrongKind(name, "a map, {name: value}");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    map.forEach((key, value) -> values.put(key.toString(), value));
    return values;
  }

  /** One or more whole numbers: {@code 3} or {@code [3, 5]}. */
  public List<Integer> integers(String name) {
    if (!(required(name) instanceof List<?> list)) {
      return List.of(integer(name));
    }
    return list.stream().map(element -> of(type, name, element).integer(name)).toList();
  }

  /** A list of numbers. */
  public List<Double> numbers(String name) {
    return list(name).stream().map(element -> of(type, name, element).number(name)).toList();
  }

  /** A type with its arguments, such as a loss within another. */
  public Spec spec(String name) {
    return read(type + "." + name, required(name));
  }

  /** A list of types with their arguments, such as layers. */
  public List<Spec> specs(String name) {
    return list(name).stream().map(written -> read(type + "." + name, written)).toList();
  }

  /** One of some words, or the default where it was not written. */
  public String choice(String name, String defaultValue, String... words) {
    String word = text(name, defaultValue);
    if (!List.of(words).contains(word)) {
      throw SpecException.unknown(type, name, word, List.of(words));
    }
    return word;
  }

  private Object required(String name) {
    if (!has(name)) {
      throw new SpecException(type + ": argument '" + name + "' is missing");
    }
    return arguments.get(name);
  }

  private SpecException wrongKind(String name, String wanted) {
    return new SpecException(
        "%s: argument '%s' is %s; it must be %s"
            .formatted(type, name, arguments.get(name), wanted));
  }

  /** {@code Linear(in=784, out=128)}. */
  @Override
  public String toString() {
    return arguments.entrySet().stream()
        .map(Object::toString)
        .collect(Collectors.joining(", ", type + "(", ")"));
  }
}
