package dev.kindling.spark.cli;

import dev.kindling.data.Dataset;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.train.ClassEvaluation;
import dev.kindling.train.Evaluation;
import dev.kindling.train.Evaluator;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ModelTables;
import dev.kindling.train.Predictor;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.StoredModel;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Evaluates a trained network on the held-out rows, in this process. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Evaluates a trained network on its test data.")
final class EvaluateCommand implements Callable<Integer> {
  /** A wider matrix does not fit a screen. */
  private static final int MOST_CLASSES = 20;

  @Parameters(
      paramLabel = "RUN|MODEL",
      description = "Run directory that train has left, or a .safetensors file.")
  private String place;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = "Configuration of MODEL; config.yaml beside it by default.")
  private Path configFile;

  @Mixin private Common common;

  @Override
  public Integer call() throws IOException {
    Path trained = RunDirectory.onLocalDisk(place);
    boolean isModel = Files.isRegularFile(trained);
    Path model = isModel ? trained : RunDirectory.ofRun(trained).model();
    Path beside = isModel ? trained.resolveSibling("config.yaml") : trained.resolve("config.yaml");
    RunConfig config = RunConfig.read(configFile == null ? beside : configFile, common.overrides());
    TrainingConfig training = config.training(config.train().replicas().orElse(1));
    StoredModel stored = ModelFile.read(training.model(), model);
    ModelTables.connect(training.model(), stored.tables());
    float[] values = stored.values();
    List<Slice> slices =
        new RowOrder(training.seed()).slices(test(config, beside), training.replicas());
    MetricSums sums = sum(new Evaluator(training), values, slices, training.tree().root());
    System.out.printf(
        Locale.ROOT,
        "test loss %.4f, accuracy %.4f on %,.0f samples%n",
        sums.loss(),
        sums.accuracy(),
        sums.count());
    print(evaluation(training, values, slices));
    return ExitCode.DONE;
  }

  /** Slice by slice, so that the figures do not depend on how the rows were read. */
  private static Evaluation evaluation(
      TrainingConfig training, float[] values, List<Slice> slices) {
    Predictor network = Predictor.ofOutputs(training.model(), values, slices.get(0).format());
    return slices.stream()
        .map(slice -> Evaluation.of(network, slice))
        .reduce(Evaluation::plus)
        .orElseThrow();
  }

  private static void print(Evaluation evaluation) {
    evaluation
        .metrics()
        .forEach((name, value) -> System.out.printf(Locale.ROOT, "%-16s %.6f%n", name, value));
    if (evaluation instanceof ClassEvaluation classes
        && classes.confusion().length <= MOST_CLASSES) {
      System.out.println("confusion (a row for each label, a column for each prediction)");
      for (double[] label : classes.confusion()) {
        DoubleStream.of(label).forEach(n -> System.out.printf(Locale.ROOT, "%9s", count(n)));
        System.out.println();
      }
    }
  }

  /** Whole where rows have no weights. */
  private static String count(double rows) {
    return rows == Math.rint(rows)
        ? String.valueOf((long) rows)
        : String.format(Locale.ROOT, "%.2f", rows);
  }

  /** Spark is started for what only Spark can read. */
  private static Dataset test(RunConfig config, Path beside) {
    Optional<DataFiles> files = RunData.beforeSpark(config);
    if (files.isPresent()) {
      return files.get().test();
    }
    RunDirectory directory = new RunDirectory(beside.toAbsolutePath().getParent());
    try (JavaSparkContext spark = SparkSettings.start(config)) {
      return FrameData.open(spark, config, directory).test();
    }
  }

  /** Adds along the replica tree, as the run has done. */
  private static MetricSums sum(
      Evaluator evaluator, float[] values, List<Slice> slices, Node node) {
    return node.isLeaf()
        ? evaluator.evaluate(values, slices.get(node.lo()))
        : sum(evaluator, values, slices, node.left())
            .plus(sum(evaluator, values, slices, node.right()));
  }
}
