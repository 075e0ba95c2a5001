package dev.kindling.spark.cli;

import dev.kindling.data.Dataset;
import dev.kindling.data.RowOrder;
import dev.kindling.spark.chart.LineChart;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.train.RangeTest;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The learning rate range test, in this process. */
@Command(
    name = "lr-find",
    mixinStandardHelpOptions = true,
    description = "Raises the learning rate until the loss diverges, and suggests one.")
final class LrFindCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CONFIG", description = "Configuration, YAML.")
  private Path file;

  @Mixin private Common common;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "Where lr-find.csv and lr-find.png go; a new folder below runs/ by default.")
  private Path runDirectory;

  @Option(names = "--from", defaultValue = "1e-6", description = "First rate; 1e-6 by default.")
  private double from;

  @Option(names = "--to", defaultValue = "10", description = "Last rate; 10 by default.")
  private double to;

  @Option(names = "--steps", defaultValue = "200", description = "Steps; 200 by default.")
  private int steps;

  @Override
  public Integer call() throws IOException {
    System.setProperty("java.awt.headless", "true");
    RunDirectory directory =
        new RunDirectory(runDirectory != null ? runDirectory : TrainCommand.freshDirectory(file));
    RangeTest test = new RangeTest(from, to, steps);
    RunConfig config = RunConfig.read(file, common.overrides());
    TrainingConfig training = config.training(config.train().replicas().orElse(1));
    RangeTest.Result result =
        test.run(
            training,
            new RowOrder(training.seed()).slices(rows(config, directory), training.replicas()));
    Path table = directory.path().resolve("lr-find.csv");
    directory.write(table, csv(result));
    Path chart = directory.path().resolve("lr-find.png");
    ImageIO.write(chart(result).draw(), "png", chart.toFile());
    tell(result, config.train().batchSize());
    System.out.printf("%s%n%s%n", table, chart);
    return ExitCode.DONE;
  }

  /** Spark is started for what only Spark can read. */
  private static Dataset rows(RunConfig config, RunDirectory directory) {
    Optional<DataFiles> files = RunData.beforeSpark(config);
    if (files.isPresent()) {
      return files.get().train();
    }
    try (JavaSparkContext spark = SparkSettings.start(config)) {
      return FrameData.open(spark, config, directory).train();
    }
  }

  private static String csv(RangeTest.Result result) {
    return result.points().stream()
        .map(
            point ->
                String.format(
                    Locale.ROOT, "%.6g,%.6g,%.6g\n", point.lr(), point.loss(), point.smoothed()))
        .collect(Collectors.joining("", "lr,loss,smoothed_loss\n", ""));
  }

  private static LineChart chart(RangeTest.Result result) {
    double[] x = result.points().stream().mapToDouble(RangeTest.Point::lr).toArray();
    double[] y = result.points().stream().mapToDouble(RangeTest.Point::smoothed).toArray();
    return new LineChart(
        "learning rate", "smoothed loss", List.of(new LineChart.Line("smoothed loss", x, y)), true);
  }

  private void tell(RangeTest.Result result, int batchSize) {
    double last = result.points().get(result.points().size() - 1).lr();
    System.out.printf(
        Locale.ROOT,
        result.diverged()
            ? "the loss diverges above a rate of %.3g%n"
            : "no divergence up to %.3g%n",
        last);
    if (result.suggestion().isPresent()) {
      System.out.printf(
          Locale.ROOT,
          "steepest fall: optimizer.lr=%.3g for a batch of %d%n",
          result.suggestion().getAsDouble(),
          batchSize);
    } else {
      System.out.println("the loss never fell: lower --from, or look at the data");
    }
  }
}
