package dev.kindling.spark.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * {@code train}: how long and in which portions.
 *
 * @param epochs passes over the data, 1 by default
 * @param batchSize samples of a step over all workers, 64 by default
 * @param seed of everything random, 1 by default
 * @param replicas logical replicas; the number of workers where it is not set
 * @param detectAnomaly whether NaN and infinity are traced to the operation that made them; takes
 *     about as long as computing it, false by default
 */
public record TrainConfig(
    int epochs, int batchSize, long seed, OptionalInt replicas, boolean detectAnomaly) {

  static TrainConfig of(Section section) {
    TrainConfig config =
        new TrainConfig(
            section.atLeast(1, "epochs", 1),
            section.atLeast(1, "batch_size", 64),
            section.whole("seed", 1),
            section.atLeast(1, "replicas"),
            section.flag("detect_anomaly"));
    section.end();
    return config;
  }

  TrainConfig withReplicas(int count) {
    return new TrainConfig(epochs, batchSize, seed, OptionalInt.of(count), detectAnomaly);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epochs", epochs);
    map.put("batch_size", batchSize);
    map.put("seed", seed);
    replicas.ifPresent(count -> map.put("replicas", count));
    map.put("detect_anomaly", detectAnomaly);
    return map;
  }
}
