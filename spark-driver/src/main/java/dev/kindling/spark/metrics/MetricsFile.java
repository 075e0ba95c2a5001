package dev.kindling.spark.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.TrainingListener;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes {@code metrics.jsonl}: one object a line, one line an event. */
public final class MetricsFile implements TrainingListener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunDirectory directory;

  /** Appends to the metrics of a run directory. */
  public MetricsFile(RunDirectory directory) {
    this.directory = directory;
  }

  @Override
  public void epochEnded(EpochResult result, float[] values) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "epoch");
    event.put("epoch", result.epoch());
    event.put("step", result.step());
    event.put("train_loss", result.train().loss());
    event.put("train_accuracy", result.train().accuracy());
    event.put("test_loss", result.test().loss());
    event.put("test_accuracy", result.test().accuracy());
    event.put("train_seconds", result.trainSeconds());
    event.put("samples_per_second", result.samplesPerSecond());
    write(event);
  }

  @Override
  public void restarted(int restarts, String reason) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "restart");
    event.put("restarts", restarts);
    event.put("reason", reason);
    write(event);
  }

  private void write(Map<String, Object> event) {
    directory.append(directory.metrics(), json(event));
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
