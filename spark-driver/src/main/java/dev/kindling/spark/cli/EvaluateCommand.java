package dev.kindling.spark.cli;

import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.io.Safetensors;
import dev.kindling.io.StoredTensor;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.train.Evaluator;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
  @Parameters(
      paramLabel = "RUN|MODEL",
      description = "Run directory that train has left, or a .safetensors file.")
  private Path trained;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = "Configuration of MODEL; config.yaml beside it by default.")
  private Path configFile;

  @Mixin private Common common;

  @Override
  public Integer call() throws IOException {
    boolean isModel = Files.isRegularFile(trained);
    Path model = isModel ? trained : RunDirectory.ofRun(trained).model();
    Path beside = isModel ? trained.resolveSibling("config.yaml") : trained.resolve("config.yaml");
    RunConfig config = RunConfig.read(configFile == null ? beside : configFile, common.overrides());
    TrainingConfig training = config.training(config.train().replicas().orElse(1));
    float[] values = values(training.layout(), model);
    List<Slice> slices =
        new RowOrder(training.seed())
            .slices(DataFiles.open(config.data()).test(), training.replicas());
    MetricSums sums = sum(new Evaluator(training), values, slices, training.tree().root());
    System.out.printf(
        Locale.ROOT,
        "test loss %.4f, accuracy %.4f on %,.0f samples%n",
        sums.loss(),
        sums.accuracy(),
        sums.count());
    return ExitCode.DONE;
  }

  /** Adds along the replica tree, as the run has done. */
  private static MetricSums sum(
      Evaluator evaluator, float[] values, List<Slice> slices, Node node) {
    return node.isLeaf()
        ? evaluator.evaluate(values, slices.get(node.lo()))
        : sum(evaluator, values, slices, node.left())
            .plus(sum(evaluator, values, slices, node.right()));
  }

  private static float[] values(FlatLayout layout, Path model) throws IOException {
    if (!Files.exists(model)) {
      throw new ConfigException(
          model + " is missing: the run has not come to its end; go on with: kindling resume");
    }
    Map<String, StoredTensor> tensors = Safetensors.read(model).tensors();
    float[] values = new float[Math.toIntExact(layout.length())];
    for (Slot slot : layout.slots()) {
      if (slot.kind() != FlatLayout.Kind.METRIC) {
        StoredTensor tensor = tensors.get(slot.name());
        if (tensor == null || !tensor.shape().equals(slot.shape())) {
          throw new ConfigException(
              "%s: '%s' is %s; the configuration's network needs %s"
                  .formatted(
                      model,
                      slot.name(),
                      tensor == null ? "missing" : tensor.shape(),
                      slot.shape()));
        }
        tensor.floats().get(values, Math.toIntExact(slot.offset()), slot.length());
      }
    }
    return values;
  }
}
