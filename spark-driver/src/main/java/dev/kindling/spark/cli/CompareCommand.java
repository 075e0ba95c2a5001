package dev.kindling.spark.cli;

import dev.kindling.spark.chart.LineChart;
import dev.kindling.spark.metrics.MeanLines;
import dev.kindling.spark.metrics.PublishedFigures;
import dev.kindling.spark.metrics.RunCurve;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets runs side by side: a table and a chart. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "Sets runs side by side: writes table.csv and chart.png.")
final class CompareCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Run directories.")
  private List<String> runs;

  @Option(names = "--into", paramLabel = "DIR", required = true, description = "Where they go.")
  private String into;

  @Option(names = "--x", defaultValue = "epoch", description = "epoch (default), round or step.")
  private String x;

  @Option(
      names = "--y",
      defaultValue = "test_accuracy",
      description = "A figure of metrics.jsonl; test_accuracy by default.")
  private String y;

  @Option(names = "--target", description = "Tell when each run first reached this.")
  private Double target;

  @Option(
      names = "--published",
      paramLabel = "FILE",
      description =
          "With --target: lines of run,baseline,published; adds when a paper's runs reached theirs,"
              + " and how many times sooner than its baseline each was, here and there.")
  private Path published;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "1",
      description = "The last value is the mean of the last N, e.g. where rounds differ much.")
  private int last;

  @Option(
      names = "--against",
      paramLabel = "KEY",
      description =
          "A point a run, over this number of its configuration, e.g. train.batch_size; runs whose"
              + " names agree up to the first dot make a line, and those at the same number are"
              + " averaged.")
  private String against;

  @Option(
      names = "--most",
      defaultValue = "Infinity",
      description = "With --against: larger values are drawn at the upper edge.")
  private double most;

  @Override
  public Integer call() throws IOException {
    System.setProperty("java.awt.headless", "true");
    List<RunDirectory> directories = runs.stream().map(RunDirectory::figuresOf).toList();
    compare(directories);
    for (RunDirectory directory : directories) {
      directory.release();
    }
    return ExitCode.DONE;
  }

  private void compare(List<RunDirectory> directories) throws IOException {
    if (against != null) {
      MeanLines means = MeanLines.of(directories, against, y);
      write(means.rows(), means.chart(most));
      return;
    }
    List<RunCurve> curves = directories.stream().map(run -> RunCurve.read(run, x, y)).toList();
    List<LineChart.Line> lines =
        curves.stream().map(c -> new LineChart.Line(c.run(), c.x(), c.y())).toList();
    write(rows(curves), new LineChart(x, y, lines));
  }

  private void write(List<String> rows, LineChart picture) throws IOException {
    RunDirectory folder = RunDirectory.at(into);
    Files.createDirectories(folder.path());
    Files.write(folder.path().resolve("table.csv"), rows);
    ImageIO.write(picture.draw(), "png", folder.path().resolve("chart.png").toFile());
    folder.publish();
    folder.release();
    rows.forEach(System.out::println);
    System.out.printf("%1$s/table.csv%n%1$s/chart.png%n", folder);
  }

  private List<String> rows(List<RunCurve> curves) throws IOException {
    PublishedFigures figures =
        published == null ? PublishedFigures.none() : PublishedFigures.read(published);
    Map<String, OptionalDouble> reached = new LinkedHashMap<>();
    curves.forEach(curve -> reached.put(curve.run(), reached(curve)));
    List<String> rows = new ArrayList<>();
    rows.add(joined("run,last_%s,best_%s,last_%s,reached".formatted(x, y, y), figures.head()));
    for (RunCurve curve : curves) {
      rows.add(joined(row(curve, reached.get(curve.run())), figures.row(curve.run(), reached)));
    }
    return rows;
  }

  private OptionalDouble reached(RunCurve curve) {
    return target == null ? OptionalDouble.empty() : curve.reaches(target);
  }

  private String row(RunCurve curve, OptionalDouble reached) {
    return String.format(
        Locale.ROOT,
        "%s,%s,%.4f,%.4f,%s",
        curve.run(),
        curve.x().length == 0 ? "" : whole(curve.x()[curve.x().length - 1]),
        curve.best(),
        curve.last(last),
        reached.isPresent() ? whole(reached.getAsDouble()) : "");
  }

  private static String joined(String row, List<String> more) {
    return Stream.concat(Stream.of(row), more.stream()).collect(Collectors.joining(","));
  }

  private static String whole(double number) {
    return String.format(Locale.ROOT, "%.0f", number);
  }
}
