package dev.kindling.spark.cli;

import dev.kindling.nn.Summary;
import dev.kindling.spark.config.DataConfig;
import dev.kindling.spark.config.FrameConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints the layers of a configuration's network. */
@Command(
    name = "summary",
    mixinStandardHelpOptions = true,
    description = "Prints the layers of a configuration's network.")
final class SummaryCommand implements Callable<Integer> {
  private static final List<Integer> MNIST = List.of(1, 28, 28);

  @Parameters(paramLabel = "CONFIG", description = "Configuration, YAML.")
  private Path file;

  @Mixin private Common common;

  @Override
  public Integer call() {
    RunConfig config = RunConfig.read(file, common.overrides());
    int[] sample = sample(config.data()).stream().mapToInt(Integer::intValue).toArray();
    System.out.print(Summary.of(config.training(1).model(), Shape.of(sample)));
    return ExitCode.DONE;
  }

  /** As it is written, or a number for each column. */
  private static List<Integer> shape(FrameConfig frame) {
    return frame.shape().isEmpty() ? List.of(frame.features().size()) : frame.shape();
  }

  /** The shape of a row; of idx files without a path that of MNIST. */
  private static List<Integer> sample(DataConfig data) {
    return switch (data.format()) {
      case "cifar10" -> List.of(3, 32, 32);
      case "idx" -> data.path().isEmpty() ? MNIST : DataFiles.open(data).format().shape();
      case "digits" -> MNIST;
      case "image_folder", "characters" -> data.files().orElseThrow().shape();
      default -> shape(data.frame().orElseThrow());
    };
  }
}
