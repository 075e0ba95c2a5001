package dev.kindling.spark.config;

import dev.kindling.spec.SpecException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads the keys of one section of a configuration. What is asked for is what is known: {@link
 * #end} refuses all other keys. Used once, by one thread.
 */
final class Section {
  private final String name;
  private final Written written;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * A section; all its keys have their defaults where {@code written} has none.
   *
   * @param name of the section, empty for the whole configuration
   */
  Section(String name, Written written) {
    this.name = name;
    this.written = written;
    if (written.value() != null && !written.isMap()) {
      throw new ConfigException(
          "%s: %s is %s; keys with values belong there"
              .formatted(
                  written.where(),
                  name.isEmpty() ? "the configuration" : name,
                  written.plain() instanceof List<?> ? "a list" : "'" + written.plain() + "'"));
    }
  }

  /** A section of this one; empty where it is not written. */
  Section section(String key) {
    return new Section(path(key), find(key).orElse(Written.empty(written.where())));
  }

  /** What stands under a key, unless it is not there or null. */
  Optional<Written> find(String key) {
    known.add(key);
    return Optional.ofNullable(written.keys().get(key)).filter(item -> item.value() != null);
  }

  private String path(String key) {
    return name.isEmpty() ? key : name + "." + key;
  }

  private <T> Optional<T> find(String key, Class<T> type, String wanted) {
    return find(key).map(item -> cast(key, item, type, wanted));
  }

  private <T> T cast(String key, Written item, Class<T> type, String wanted) {
    if (type.isInstance(item.value())) {
      return type.cast(item.value());
    }
    throw new ConfigException(
        "%s: %s is '%s'; it must be %s".formatted(item.where(), path(key), item.plain(), wanted));
  }

  int atLeast(int least, String key, int defaultValue) {
    return atLeast(least, key).orElse(defaultValue);
  }

  OptionalInt atLeast(int least, String key) {
    Optional<Integer> number = find(key, Integer.class, "a whole number");
    if (number.isPresent() && number.get() < least) {
      throw new ConfigException(
          "%s: %s is %d; it must be at least %d"
              .formatted(find(key).orElseThrow().where(), path(key), number.get(), least));
    }
    return number.map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  long whole(String key, long defaultValue) {
    return find(key, Number.class, "a whole number")
        .map(number -> exact(key, number))
        .orElse(defaultValue);
  }

  private long exact(String key, Number number) {
    if (number instanceof Integer || number instanceof Long) {
      return number.longValue();
    }
    throw new ConfigException(
        "%s: %s is %s; it must be a whole number of 64 bits"
            .formatted(find(key).orElseThrow().where(), path(key), number));
  }

  /** A number, whole or not. */
  double number(String key, double defaultValue) {
    return find(key, Number.class, "a number").map(Number::doubleValue).orElse(defaultValue);
  }

  /** True or false; false where it is not written. */
  boolean flag(String key) {
    return find(key, Boolean.class, "true or false").orElse(false);
  }

  Optional<String> text(String key) {
    return find(key).map(item -> scalarText(key, item));
  }

  private String scalarText(String key, Written item) {
    if (item.isMap() || item.isList()) {
      throw new ConfigException(
          "%s: %s is '%s'; it must be a text".formatted(item.where(), path(key), item.plain()));
    }
    return item.value().toString();
  }

  /** One of some words. */
  String choice(String key, String defaultValue, List<String> words) {
    return choice(key, defaultValue, words, words::contains);
  }

  /** A word; {@code words} are those to be named to who wrote another. */
  String choice(String key, String defaultValue, List<String> words, Predicate<String> isKnown) {
    String word = text(key).orElse(defaultValue);
    if (!isKnown.test(word)) {
      throw new ConfigException(
          "%s: %s is '%s'; did you mean '%s'? Known: %s"
              .formatted(
                  find(key).orElseThrow().where(),
                  path(key),
                  word,
                  SpecException.nearest(word, words),
                  String.join(", ", words)));
    }
    return word;
  }

  /** One number, or a list of them. */
  List<Float> floats(String key, List<Float> defaultValue) {
    return list(
        key,
        defaultValue,
        item -> cast(key, item, Number.class, "a number, or a list of them").floatValue());
  }

  /** One text, or a list of them. */
  List<String> texts(String key, List<String> defaultValue) {
    return list(key, defaultValue, item -> scalarText(key, item));
  }

  /** One whole number, or a list of them. */
  List<Integer> wholes(String key, List<Integer> defaultValue) {
    return list(
        key,
        defaultValue,
        item -> cast(key, item, Integer.class, "a whole number, or a list of them"));
  }

  private <T> List<T> list(String key, List<T> defaultValue, Function<Written, T> read) {
    Optional<Written> item = find(key);
    if (item.isEmpty()) {
      return defaultValue;
    }
    List<Written> items = item.get().isList() ? item.get().items() : List.of(item.get());
    List<T> values = new ArrayList<>();
    items.forEach(each -> values.add(read.apply(each)));
    return List.copyOf(values);
  }

  /** Refuses keys that nobody has asked for. */
  void end() {
    written
        .keys()
        .forEach(
            (key, item) -> {
              if (!known.contains(key)) {
                throw new ConfigException(
                    "%s: unknown key '%s'%s; did you mean '%s'? Known: %s"
                        .formatted(
                            item.where(),
                            key,
                            name.isEmpty() ? "" : " in " + name,
                            SpecException.nearest(key, known),
                            String.join(", ", known)));
              }
            });
  }
}
