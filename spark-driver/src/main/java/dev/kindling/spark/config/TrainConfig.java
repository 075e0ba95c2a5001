package dev.kindling.spark.config;

import dev.kindling.spark.job.EarlyStopping;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
 * @param earlyStopping {@code early_stopping: {metric: test_loss, patience: 5, min_delta: 0,
 *     restore_best: false}}, when to end before the last epoch; never by default
 */
public record TrainConfig(
    int epochs,
    int batchSize,
    long seed,
    OptionalInt replicas,
    boolean detectAnomaly,
    Optional<EarlyStopping> earlyStopping) {

  static TrainConfig of(Section section) {
    TrainConfig config =
        new TrainConfig(
            section.atLeast(1, "epochs", 1),
            section.atLeast(1, "batch_size", 64),
            section.whole("seed", 1),
            section.atLeast(1, "replicas"),
            section.flag("detect_anomaly"),
            section
                .find("early_stopping")
                .map(written -> stopping(section.section("early_stopping"))));
    section.end();
    return config;
  }

  private static EarlyStopping stopping(Section section) {
    EarlyStopping rule =
        new EarlyStopping(
            section.choice("metric", "test_loss", EarlyStopping.METRICS),
            section.atLeast(1, "patience", 5),
            section.number("min_delta", 0),
            section.flag("restore_best"));
    section.end();
    return rule;
  }

  private static Map<String, Object> written(EarlyStopping rule) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("metric", rule.metric());
    map.put("patience", rule.patience());
    map.put("min_delta", rule.minDelta());
    map.put("restore_best", rule.restoreBest());
    return map;
  }

  TrainConfig withReplicas(int count) {
    return new TrainConfig(
        epochs, batchSize, seed, OptionalInt.of(count), detectAnomaly, earlyStopping);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epochs", epochs);
    map.put("batch_size", batchSize);
    map.put("seed", seed);
    replicas.ifPresent(count -> map.put("replicas", count));
    map.put("detect_anomaly", detectAnomaly);
    earlyStopping.ifPresent(rule -> map.put("early_stopping", written(rule)));
    return map;
  }
}
