package dev.kindling.spark.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The events of a run directory that have both figures. */
  public static RunCurve read(Path folder, String xName, String yName) {
    RunDirectory directory = RunDirectory.ofRun(folder);
    List<JsonNode> events =
        directory.lines(directory.metrics(), RunCurve::parse).stream()
            .filter(event -> event.path(xName).isNumber() && event.path(yName).isNumber())
            .toList();
    return new RunCurve(
        folder.toAbsolutePath().normalize().getFileName().toString(),
        events.stream().mapToDouble(event -> event.get(xName).asDouble()).toArray(),
        events.stream().mapToDouble(event -> event.get(yName).asDouble()).toArray());
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

  /** The last y; NaN of a run without any. */
  public double last() {
    return y.length == 0 ? Double.NaN : y[y.length - 1];
  }
}
