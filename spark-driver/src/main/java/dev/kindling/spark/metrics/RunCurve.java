package dev.kindling.spark.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Two figures of a run over its course, from its {@code metrics.jsonl}.
 *
 * @param run name of its folder
 * @param x e.g. epochs or rounds, ascending
 * @param y e.g. test accuracies
 */
public record RunCurve(String run, double[] x, double[] y) {
  /** The event of a run that came to its end without numbers. */
  static final String DIVERGED = "diverged";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ERROR = "_error";

  /**
   * The events of a run directory that have both figures. {@code test_error} is {@code 1 -
   * test_accuracy}.
   */
  public static RunCurve read(RunDirectory directory, String xName, String yName) {
    boolean isError = yName.endsWith(ERROR);
    String name = isError ? yName.replace(ERROR, "_accuracy") : yName;
    List<JsonNode> events =
        events(directory).stream()
            .filter(event -> event.path(xName).isNumber() && event.path(name).isNumber())
            .toList();
    return new RunCurve(
        directory.name(),
        events.stream().mapToDouble(event -> event.get(xName).asDouble()).toArray(),
        events.stream()
            .mapToDouble(event -> event.get(name).asDouble())
            .map(y -> isError ? 1 - y : y)
            .toArray());
  }

  private static List<JsonNode> events(RunDirectory directory) {
    return directory.lines(directory.metrics(), RunCurve::parse);
  }

  /** Whether a run has come to its end, in whatever way. */
  public static boolean isOver(RunDirectory directory) {
    return Files.exists(directory.summary()) || isDiverged(directory);
  }

  /** Whether a run ended because its loss was no number any more. */
  public static boolean isDiverged(RunDirectory directory) {
    return events(directory).stream()
        .anyMatch(event -> event.path("event").asText().equals(DIVERGED));
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics.jsonl: no JSON: " + line, e);
    }
  }

  /** The first x at which y has reached a value. */
  public OptionalDouble reaches(double target) {
    return IntStream.range(0, x.length)
        .filter(i -> y[i] >= target)
        .mapToDouble(i -> x[i])
        .findFirst();
  }

  /** The largest y; NaN of a run without any. */
  public double best() {
    return DoubleStream.of(y).max().orElse(Double.NaN);
  }

  /** The mean of the last y, so many at most; NaN of a run without any. */
  public double last(int many) {
    return DoubleStream.of(y).skip(Math.max(0, y.length - many)).average().orElse(Double.NaN);
  }

  /** The last y; NaN of a run without any. */
  public double last() {
    return y.length == 0 ? Double.NaN : y[y.length - 1];
  }
}
