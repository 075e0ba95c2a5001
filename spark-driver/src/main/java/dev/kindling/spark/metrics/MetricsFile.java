package dev.kindling.spark.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.EvaluationResult;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.StepSplit;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.ClassEvaluation;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code metrics.jsonl}: one object a line, one line an event. Of a resumed run it keeps the
 * epochs that will not be computed again. A full disk costs lines, not the run.
 */
public final class MetricsFile implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsFile.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENT = "event";
  private static final String EPOCH = "epoch";
  private static final String EVALUATION = "evaluation";

  private final RunDirectory directory;
  private final GrowingFile file;
  private final List<Map<String, Object>> epochs = new ArrayList<>();
  private long startStep;

  /** The metrics of a run directory; warnings go to the log. */
  public MetricsFile(RunDirectory directory) {
    this(directory, LOG::warn);
  }

  /**
   * The metrics of a run directory.
   *
   * @param warnings told what could not be written
   */
  public MetricsFile(RunDirectory directory, Consumer<String> warnings) {
    this.directory = directory;
    file = new GrowingFile(directory, directory.metrics(), warnings);
  }

  @Override
  public void started(RunPlan run, int workers, long step) {
    startStep = step;
    List<Map<String, Object>> kept =
        new ArrayList<>(directory.lines(directory.metrics(), this::read));
    kept.removeIf(event -> isResult(event) && number(event, "step") > step);
    kept.stream().filter(event -> EPOCH.equals(event.get(EVENT))).forEach(epochs::add);
    if (step > 0) {
      kept.add(event("resume", "step", step, "workers", workers));
    }
    if (!kept.isEmpty()) {
      directory.write(
          directory.metrics(),
          kept.stream().map(event -> json(event) + "\n").collect(Collectors.joining()));
    }
  }

  private static boolean isResult(Map<String, Object> event) {
    return EPOCH.equals(event.get(EVENT)) || EVALUATION.equals(event.get(EVENT));
  }

  private Map<String, Object> read(String line) {
    try {
      return JSON.readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
    } catch (JsonProcessingException e) {
      return Map.of(); // torn by a crash: its epoch will be written again
    }
  }

  @Override
  public void evaluated(EvaluationResult result) {
    if (result.step() == startStep) {
      return; // in the file since the run stopped there
    }
    Map<String, Object> event = event(EVALUATION, "step", result.step());
    addSums(event, result.train(), result.test(), result.metrics());
    append(event);
  }

  private static void addSums(
      Map<String, Object> event, MetricSums train, MetricSums test, Evaluation metrics) {
    event.put("train_loss", train.loss());
    event.put("train_accuracy", train.accuracy());
    event.put("test_loss", test.loss());
    event.put("test_accuracy", test.accuracy());
    metrics.metrics().forEach((name, value) -> event.putIfAbsent("test_" + name, value));
    if (metrics instanceof ClassEvaluation classes && classes.confusion().length > 0) {
      event.put("test_confusion", classes.confusion());
    }
  }

  @Override
  public void epochEnded(EpochResult result) {
    if (epochs.stream().anyMatch(known -> number(known, EPOCH) == result.epoch())) {
      return; // the epoch before the resumed one, evaluated a second time
    }
    Map<String, Object> event = event(EPOCH, EPOCH, result.epoch(), "step", result.step());
    addSums(event, result.train(), result.test(), result.metrics());
    event.put("lr", result.lr());
    event.put("train_seconds", result.trainSeconds());
    event.put("samples_per_second", result.samplesPerSecond());
    event.put("noise_scale", result.noiseScale());
    event.put("step_ms", milliseconds(result.split()));
    append(event);
    epochs.add(event);
  }

  private static Map<String, Object> milliseconds(StepSplit split) {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("batch", rounded(split.batch()));
    parts.put("forward", rounded(split.forward()));
    parts.put("backward", rounded(split.backward()));
    parts.put("exchange", rounded(split.exchange()));
    parts.put("optimizer", rounded(split.optimizer()));
    parts.put("waiting", rounded(split.waiting()));
    return parts;
  }

  private static double rounded(double milliseconds) {
    return Math.rint(milliseconds * 1e4) / 1e4;
  }

  @Override
  public void restarted(int restarts, int workers, String reason) {
    append(event("restart", "restarts", restarts, "workers", workers, "reason", reason));
  }

  /** The run cannot go on: its loss is no number. */
  public void diverged(String reason) {
    append(event(RunCurve.DIVERGED, "reason", reason));
  }

  @Override
  public void recovered(long step, double seconds) {
    append(event("recovered", "step", step, "seconds", seconds));
  }

  @Override
  public void checkpointFailed(String reason) {
    append(event("checkpoint_failed", "reason", reason));
  }

  /** The events of all epochs so far, of the time before a resumption too. */
  List<Map<String, Object>> epochs() {
    return List.copyOf(epochs);
  }

  static double number(Map<String, Object> event, String key) {
    return event.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  static Map<String, Object> event(String name, Object... keysAndValues) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put(EVENT, name);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      event.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return event;
  }

  private void append(Map<String, Object> event) {
    file.append(json(event));
  }

  /** One object on one line; a number that is none is written as null. */
  static String json(Map<String, Object> object) {
    object.replaceAll(
        (key, value) -> value instanceof Double d && !Double.isFinite(d) ? null : value);
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
