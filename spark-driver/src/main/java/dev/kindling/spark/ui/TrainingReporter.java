package dev.kindling.spark.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.nn.Summary;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.ShardProgress;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.EvaluationResult;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.StepSplit;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.tensor.Shape;
import dev.kindling.train.Buckets;
import dev.kindling.train.ClassEvaluation;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;

/**
 * Posts the events of one run to Spark's listener bus, and adds the Training tab where there is a
 * UI. Called by one thread at a time.
 *
 * <p>Progress is posted once a second at first, and ever more rarely as a run grows older, so that
 * an event log of days stays small: after T seconds every T/500 seconds.
 */
public final class TrainingReporter implements TrainingListener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SHORTEST_MILLIS = 1000;
  private static final long PARTS_OF_A_RUN = 500;

  /** So many epochs are posted one by one; then only those that fall due. */
  private static final int EVERY_EPOCH = 2000;

  /** A larger confusion matrix does not fit the page. */
  private static final int MOST_CLASSES = 20;

  private final SparkContext spark;
  private final int number;
  private final Map<String, String> configuration;
  private long stepsPerEpoch;
  private int batchSize;
  private long startMillis;
  private long nextProgress;
  private long nextEpoch;
  private long nextEvaluation;
  private Progress before;

  private TrainingReporter(SparkContext spark, int number, Map<String, String> configuration) {
    this.spark = spark;
    this.number = number;
    this.configuration = Map.copyOf(configuration);
  }

  /**
   * For a run that has not begun.
   *
   * @param configuration for people to read, e.g. {@code config.yaml} and its text
   */
  public static TrainingReporter of(SparkContext spark, Map<String, String> configuration) {
    if (spark.ui().isDefined()) {
      addTab(spark, spark.ui().get());
    }
    return new TrainingReporter(spark, RunCount.of(spark).next(), configuration);
  }

  private static void addTab(SparkContext spark, SparkUI ui) {
    if (TrainingTab.of(ui).isEmpty()) {
      spark.addSparkListener(new EventKeeper((ElementTrackingStore) spark.statusStore().store()));
      TrainingTab.attach(ui);
    }
  }

  private void post(String kind, Map<String, Object> values) {
    spark
        .listenerBus()
        .post(new TrainingEvent(number, System.currentTimeMillis(), kind, json(values)));
  }

  private static String json(Map<String, Object> values) {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + values, e);
    }
  }

  @Override
  public void started(RunPlan run, int workers, long step) {
    stepsPerEpoch = run.stepsPerEpoch();
    batchSize = run.training().batchSize();
    startMillis = System.currentTimeMillis();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("step", step);
    values.put("totalSteps", run.totalSteps());
    values.put("stepsPerEpoch", stepsPerEpoch);
    values.put("epochs", run.training().epochs());
    values.put("rows", run.rows());
    values.put("batch", run.training().batchSize());
    values.put("replicas", run.training().replicas());
    values.put("seed", run.training().seed());
    values.put("workers", workers);
    values.put("parameters", run.training().model().parameterCount());
    values.put("buckets", Buckets.of(run.training().layout().length()).count());
    values.put("loss", run.training().loss().toSpec().toString());
    values.put("optimizer", run.training().optimizer().toSpec().toString());
    values.put("schedule", run.training().schedule().toSpec().toString());
    values.put("layers", layers(run));
    values.put("configuration", configuration);
    post("started", values);
  }

  private static List<List<Object>> layers(RunPlan run) {
    int[] sizes = run.format().shape().stream().mapToInt(Integer::intValue).toArray();
    List<List<Object>> layers = new ArrayList<>();
    for (Summary.Row row : Summary.of(run.training().model(), Shape.of(sizes)).rows()) {
      layers.add(
          List.of(
              row.name(),
              row.layer(),
              row.output().toString(),
              row.parameters(),
              row.multiplyAdds()));
    }
    return layers;
  }

  @Override
  public void progressed(Progress progress) {
    long now = System.currentTimeMillis();
    if (now < nextProgress || progress.epoch().count() == 0) {
      return;
    }
    nextProgress = now + interval(now);
    MetricSums window = window(progress);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("step", progress.step());
    values.put("loss", number(window.loss()));
    values.put("accuracy", number(window.accuracy()));
    values.put("lr", progress.lr());
    values.put("samplesPerSecond", number(progress.epoch().count() / progress.seconds()));
    values.put("workers", workers(progress));
    values.put("where", progress.where());
    values.put("shards", shards(progress));
    post("progress", values);
    before = progress;
  }

  private long interval(long now) {
    return Math.max(SHORTEST_MILLIS, (now - startMillis) / PARTS_OF_A_RUN);
  }

  /** What has come since the last event, or since the epoch's start. */
  private MetricSums window(Progress progress) {
    MetricSums now = progress.epoch();
    boolean isSameEpoch =
        before != null
            && (before.step() - 1) / stepsPerEpoch == (progress.step() - 1) / stepsPerEpoch
            && now.count() > before.epoch().count();
    return isSameEpoch
        ? new MetricSums(
            now.lossSum() - before.epoch().lossSum(),
            now.correct() - before.epoch().correct(),
            now.count() - before.epoch().count())
        : now;
  }

  private static List<Map<String, Object>> workers(Progress progress) {
    long now = System.nanoTime();
    return progress.workers().stream()
        .map(
            worker ->
                Map.<String, Object>of(
                    "name", worker.worker().name(),
                    "lo", worker.worker().lo(),
                    "hi", worker.worker().hi(),
                    "step", worker.step(),
                    "computeMs", worker.computeNanos() / 1e6,
                    "exchangeMs", worker.exchangeNanos() / 1e6,
                    "silentMs", (now - worker.lastHeardNanos()) / 1e6))
        .toList();
  }

  private static List<Map<String, Object>> shards(Progress progress) {
    return progress.shards().stream()
        .map(
            shard ->
                Map.<String, Object>of(
                    "where", where(shard, progress),
                    "buckets", shard.buckets(),
                    "parameters", shard.elements(),
                    "version", shard.version()))
        .toList();
  }

  /** One is where all is; of several each has its address. */
  private static String where(ShardProgress shard, Progress progress) {
    return progress.shards().size() == 1
        ? progress.where()
        : shard.address().map(Address::toString).orElse(progress.where());
  }

  @Override
  public void epochEnded(EpochResult result) {
    long now = System.currentTimeMillis();
    if (result.epoch() > EVERY_EPOCH && now < nextEpoch) {
      return;
    }
    nextEpoch = now + interval(now);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("epoch", result.epoch());
    values.put("step", result.step());
    values.put("trainLoss", number(result.train().loss()));
    values.put("trainAccuracy", number(result.train().accuracy()));
    values.put("testLoss", number(result.test().loss()));
    values.put("testAccuracy", number(result.test().accuracy()));
    values.put("seconds", number(result.trainSeconds()));
    values.put("samplesPerSecond", number(result.samplesPerSecond()));
    values.put("lr", result.lr());
    values.put("noiseScale", number(result.noiseScale()));
    values.put("batchAdvice", result.batchAdvice(batchSize).orElse(null));
    values.put("split", split(result.split()));
    addMetrics(values, result.metrics());
    post("epoch", values);
  }

  @Override
  public void evaluated(EvaluationResult result) {
    long now = System.currentTimeMillis();
    if (now < nextEvaluation) {
      return;
    }
    nextEvaluation = now + interval(now);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("step", result.step());
    values.put("testLoss", number(result.test().loss()));
    values.put("testAccuracy", number(result.test().accuracy()));
    addMetrics(values, result.metrics());
    post("evaluation", values);
  }

  /** Those of the whole; of each class the confusion matrix tells. */
  private static void addMetrics(Map<String, Object> values, Evaluation evaluation) {
    Map<String, Object> metrics = new LinkedHashMap<>();
    evaluation
        .metrics()
        .forEach(
            (name, value) -> {
              if (!name.matches("f1_[0-9]+|accuracy")) {
                metrics.put(name, number(value));
              }
            });
    values.put("metrics", metrics);
    if (evaluation instanceof ClassEvaluation classes
        && !metrics.isEmpty()
        && classes.confusion().length <= MOST_CLASSES) {
      values.put("confusion", classes.confusion());
    }
  }

  private static List<Double> split(StepSplit split) {
    return List.of(
        split.batch(),
        split.forward(),
        split.backward(),
        split.exchange(),
        split.optimizer(),
        split.waiting());
  }

  /** JSON knows no NaN. */
  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }

  @Override
  public void stoppedEarly(EarlyStopping rule, double best, long bestStep) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("metric", rule.metric());
    values.put("patience", rule.patience());
    values.put("best", number(best));
    values.put("bestStep", bestStep);
    post("stopped_early", values);
  }

  @Override
  public void restarted(int restarts, int workers, String reason) {
    post("restart", Map.of("restarts", restarts, "workers", workers, "reason", reason));
  }

  @Override
  public void checkpointWritten(long step) {
    post("checkpoint", Map.of("step", step));
  }

  @Override
  public void checkpointFailed(String reason) {
    post("checkpoint_failed", Map.of("reason", reason));
  }

  @Override
  public void ended(String outcome) {
    post("ended", Map.of("outcome", outcome));
  }
}
