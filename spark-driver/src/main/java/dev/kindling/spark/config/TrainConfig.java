package dev.kindling.spark.config;

import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.train.LargeBatch;
import dev.kindling.train.LargeBatch.Scaling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

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
 * @param evaluateEverySteps {@code evaluate_every_steps}, steps after which test rows are evaluated
 *     amid an epoch too; 0, the default, for never
 * @param histograms whether weights and gradients are counted by size after each epoch, for
 *     TensorBoard; false by default
 * @param microBatchSize rows of a leaf of the replica tree: decides the number of replicas, so that
 *     neither the memory nor the workers decide on the batch
 * @param largeBatch how the learning rate follows the batch: {@code base_batch_size}, {@code
 *     lr_scaling} (auto, linear, sqrt, none) and {@code warmup_epochs}
 */
public record TrainConfig(
    int epochs,
    int batchSize,
    long seed,
    OptionalInt replicas,
    boolean detectAnomaly,
    Optional<EarlyStopping> earlyStopping,
    int evaluateEverySteps,
    boolean histograms,
    OptionalInt microBatchSize,
    LargeBatch largeBatch) {
  private static final List<String> SCALINGS =
      Stream.of(Scaling.values()).map(s -> s.name().toLowerCase(Locale.ROOT)).toList();

  static TrainConfig of(Section section) {
    int batchSize = section.atLeast(1, "batch_size", 64);
    OptionalInt microBatchSize = section.atLeast(1, "micro_batch_size");
    TrainConfig config =
        new TrainConfig(
            section.atLeast(1, "epochs", 1),
            batchSize,
            section.whole("seed", 1),
            replicas(section.atLeast(1, "replicas"), microBatchSize, batchSize),
            section.flag("detect_anomaly"),
            section
                .find("early_stopping")
                .map(written -> stopping(section.section("early_stopping"))),
            section.atLeast(0, "evaluate_every_steps", 0),
            section.flag("histograms"),
            microBatchSize,
            largeBatch(section, batchSize));
    section.end();
    return config;
  }

  private static EarlyStopping stopping(Section section) {
    EarlyStopping rule =
        new EarlyStopping(
            section.choice("metric", "test_loss", EarlyStopping.METRICS, EarlyStopping::isMetric),
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

  private static LargeBatch largeBatch(Section section, int batchSize) {
    String scaling = section.choice("lr_scaling", "auto", SCALINGS);
    return new LargeBatch(
        batchSize,
        section.atLeast(1, "base_batch_size", batchSize),
        Scaling.valueOf(scaling.toUpperCase(Locale.ROOT)),
        section.number("warmup_epochs", 0));
  }

  private static OptionalInt replicas(OptionalInt written, OptionalInt micro, int batchSize) {
    if (micro.isEmpty()) {
      return written;
    }
    int leaves = (batchSize + micro.getAsInt() - 1) / micro.getAsInt();
    if (written.isPresent() && written.getAsInt() != leaves) {
      throw new ConfigException(
          "train.replicas is %d, but %d rows in micro-batches of %d are %d replicas; leave train.replicas out"
              .formatted(written.getAsInt(), batchSize, micro.getAsInt(), leaves));
    }
    return OptionalInt.of(leaves);
  }

  TrainConfig withReplicas(int count) {
    return new TrainConfig(
        epochs,
        batchSize,
        seed,
        OptionalInt.of(count),
        detectAnomaly,
        earlyStopping,
        evaluateEverySteps,
        histograms,
        microBatchSize,
        largeBatch);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epochs", epochs);
    map.put("batch_size", batchSize);
    map.put("seed", seed);
    replicas.ifPresent(count -> map.put("replicas", count));
    map.put("detect_anomaly", detectAnomaly);
    earlyStopping.ifPresent(rule -> map.put("early_stopping", written(rule)));
    map.put("evaluate_every_steps", evaluateEverySteps);
    map.put("histograms", histograms);
    microBatchSize.ifPresent(rows -> map.put("micro_batch_size", rows));
    map.put("base_batch_size", largeBatch.baseBatchSize());
    map.put("lr_scaling", largeBatch.scaling().name().toLowerCase(Locale.ROOT));
    map.put("warmup_epochs", largeBatch.warmupEpochs());
    return map;
  }
}
