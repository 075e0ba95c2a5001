package dev.kindling.spec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
}
