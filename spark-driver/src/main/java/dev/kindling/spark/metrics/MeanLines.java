package dev.kindling.spark.metrics;

import dev.kindling.spark.chart.LineChart;
import dev.kindling.spark.config.SweepConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * What runs came to, against a number of their configuration: the last value of a figure, averaged
 * over the runs of a line with the same number (seeds). A run's line is its name up to the first
 * dot. Immutable.
 *
 * @param key e.g. {@code train.batch_size}
 * @param figure e.g. {@code test_error}
 * @param lines by name, then by the number
 */
public record MeanLines(String key, String figure, Map<String, TreeMap<Double, Point>> lines) {

  /**
   * The runs of a line with the same number.
   *
   * @param values of those that ended
   * @param diverged how many did not
   */
  public record Point(double[] values, int diverged) {
    private static Point of(double value) {
      return Double.isNaN(value) ? new Point(new double[0], 1) : new Point(new double[] {value}, 0);
    }

    /** NaN where all diverged. */
    double mean() {
      return DoubleStream.of(values).average().orElse(Double.NaN);
    }

    /** The standard deviation of the sample; 0 of a single run. */
    double deviation() {
      double mean = mean();
      double sum = DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
      return values.length < 2 ? 0 : Math.sqrt(sum / (values.length - 1));
    }
  }

  /** Reads run directories; those that are neither done nor diverged are left out. */
  public static MeanLines of(List<RunDirectory> runs, String key, String figure) {
    Map<String, TreeMap<Double, Point>> lines = new LinkedHashMap<>();
    for (RunDirectory directory : runs) {
      if (RunCurve.isOver(directory)) {
        String line = directory.name().split("\\.", -1)[0];
        lines
            .computeIfAbsent(line, name -> new TreeMap<>())
            .merge(
                SweepConfig.number(directory.config(), key),
                Point.of(last(directory, figure)),
                MeanLines::both);
      }
    }
    return new MeanLines(key, figure, lines);
  }

  private static double last(RunDirectory directory, String figure) {
    return RunCurve.isDiverged(directory)
        ? Double.NaN
        : RunCurve.read(directory, "step", figure).last();
  }

  private static Point both(Point a, Point b) {
    return new Point(
        DoubleStream.concat(DoubleStream.of(a.values), DoubleStream.of(b.values)).toArray(),
        a.diverged + b.diverged);
  }

  /** A row a point; the difference is that to the first line's point of the least number. */
  public List<String> rows() {
    List<String> rows = new ArrayList<>();
    rows.add("line,%s,runs,diverged,%s,deviation,difference".formatted(key, figure));
    double first =
        lines.values().stream().findFirst().map(l -> l.firstEntry().getValue().mean()).orElse(0.0);
    lines.forEach(
        (line, points) -> points.forEach((x, point) -> rows.add(row(line, x, point, first))));
    return rows;
  }

  private static String row(String line, double x, Point point, double first) {
    return String.format(
        Locale.ROOT,
        "%s,%s,%d,%d,%.5f,%.5f,%+.5f",
        line,
        x == Math.rint(x) ? String.format(Locale.ROOT, "%.0f", x) : Double.toString(x),
        point.values.length + point.diverged,
        point.diverged,
        point.mean(),
        point.deviation(),
        point.mean() - first);
  }

  /**
   * The lines over the number, by factors of it.
   *
   * @param most larger values are drawn at this one
   */
  public LineChart chart(double most) {
    return new LineChart(
        key,
        Double.isFinite(most) ? figure + "; at the upper edge: more, or diverged" : figure,
        lines.entrySet().stream().map(e -> line(e.getKey(), e.getValue(), most)).toList(),
        true);
  }

  private static LineChart.Line line(String name, TreeMap<Double, Point> points, double most) {
    double[] x = points.keySet().stream().mapToDouble(k -> k).toArray();
    double[] y =
        points.values().stream()
            .mapToDouble(p -> Double.isNaN(p.mean()) ? most : Math.min(most, p.mean()))
            .toArray();
    return new LineChart.Line(name, x, y);
  }
}
