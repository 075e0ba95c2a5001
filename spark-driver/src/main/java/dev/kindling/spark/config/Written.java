package dev.kindling.spark.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a configuration and where it was written, for messages. Immutable.
 *
 * @param value null, a string, a number, a boolean, a list of {@link Written} or a map from keys to
 *     {@link Written}
 * @param where e.g. {@code mnist.yaml, line 7}; of its key where it has one
 */
record Written(Object value, String where) {

  static Written empty(String where) {
    return new Written(Map.of(), where);
  }

  boolean isMap() {
    return value instanceof Map;
  }

  boolean isList() {
    return value instanceof List;
  }

  /** The keys with their values; none where nothing is written. */
  @SuppressWarnings("unchecked") // only ever made with string keys
  Map<String, Written> keys() {
    return isMap() ? (Map<String, Written>) value : Map.of();
  }

  @SuppressWarnings("unchecked")
  List<Written> items() {
    return (List<Written>) value;
  }

  /** A copy with one key set. */
  Written with(String key, Written other) {
    Map<String, Written> keys = new LinkedHashMap<>(keys());
    keys.put(key, other);
    return new Written(Collections.unmodifiableMap(keys), where);
  }

  /** The value without places: plain maps and lists. */
  Object plain() {
    if (isMap()) {
      Map<String, Object> map = new LinkedHashMap<>();
      keys().forEach((key, item) -> map.put(key, item.plain()));
      return map;
    }
    return isList() ? items().stream().map(Written::plain).toList() : value;
  }
}
