package dev.kindling.spark.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code cluster}: where it is computed. Decides nothing of the result.
 *
 * @param master Spark's master; where it is not set, what spark-submit says, else {@code local[*]}
 * @param workers Spark tasks that train; where it is not set, one a replica, else one a slot
 * @param maxRestarts how often the workers are started again after a loss, 10 by default
 * @param startSeconds how long to wait for executors at the start, 60 by default
 * @param ui whether Spark's UI, with its Training tab, is there in local mode; false by default. On
 *     a cluster {@code spark.ui.enabled} decides
 */
public record ClusterConfig(
    Optional<String> master, OptionalInt workers, int maxRestarts, int startSeconds, boolean ui) {

  static ClusterConfig of(Section section) {
    ClusterConfig config =
        new ClusterConfig(
            section.text("master"),
            section.atLeast(1, "workers"),
            section.atLeast(0, "max_restarts", 10),
            section.atLeast(0, "start_seconds", 60),
            section.flag("ui"));
    section.end();
    return config;
  }

  ClusterConfig withWorkers(int count) {
    return new ClusterConfig(master, OptionalInt.of(count), maxRestarts, startSeconds, ui);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    master.ifPresent(url -> map.put("master", url));
    workers.ifPresent(count -> map.put("workers", count));
    map.put("max_restarts", maxRestarts);
    map.put("start_seconds", startSeconds);
    map.put("ui", ui);
    return map;
  }
}
