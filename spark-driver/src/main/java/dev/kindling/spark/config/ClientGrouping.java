package dev.kindling.spark.config;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a client of a federated run is: {@code federated.clients}. */
public enum ClientGrouping {
  /** A seeded partition deals the rows to made-up clients. */
  DEALT,
  /** A column says whose a row is. */
  GROUP,
  /** The rows of a Spark partition are a client's. */
  PARTITION;

  static final String KEY = "clients";

  /** As it is written; a number where rows are dealt, {@code group} by default where it is set. */
  static ClientGrouping of(Section federated, DataConfig data) {
    Optional<String> group = data.frame().flatMap(FrameConfig::group);
    String written = federated.text(KEY).orElse(group.isPresent() ? GROUP.written() : "100");
    ClientGrouping grouping =
        Stream.of(GROUP, PARTITION)
            .filter(each -> each.written().equals(written))
            .findFirst()
            .orElse(DEALT);
    String where = federated.find(KEY).map(Written::where).orElse("data.group");
    grouping.check(where + ": federated.clients is " + written, data, group);
    return grouping;
  }

  private void check(String what, DataConfig data, Optional<String> group) {
    if (this == GROUP && group.isEmpty()) {
      throw new ConfigException(
          what
              + "; set data.group to the column that says whose a row is, of data that Spark reads (parquet, csv, ...)");
    }
    if (this == DEALT && group.isPresent()) {
      throw new ConfigException(
          "%s, but data.group is '%s', whose values are the clients; remove one of them"
              .formatted(what, group.get()));
    }
    if (this == PARTITION && data.frame().isEmpty()) {
      throw new ConfigException(
          "%s, but data of the format %s have no partitions of their own; give a number"
              .formatted(what, data.format()));
    }
  }

  String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}
