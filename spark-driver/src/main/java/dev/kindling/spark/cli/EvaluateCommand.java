package dev.kindling.spark.cli;

import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.io.Safetensors;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.Evaluator;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Evaluates a trained network on the held-out rows, in this process. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Evaluates the network of a run on its test data.")
final class EvaluateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory that train has left.")
  private Path run;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key of the run's configuration, e.g. data.path=FOLDER.")
  private List<String> overrides = List.of();

  @Option(names = "--verbose", description = "Shows the stack trace of an error.")
  private boolean isVerbose;

  @Override
  public Integer call() throws IOException {
    RunDirectory directory = RunDirectory.ofRun(run);
    RunConfig config = RunConfig.read(directory.config(), overrides);
    TrainingConfig training = config.training(1);
    load(training, directory);
    Slice test =
        new RowOrder(training.seed()).slices(new DataFiles(config.data()).test(), 1).get(0);
    FlatParameters parameters = new FlatParameters(training.model());
    float[] values = new float[Math.toIntExact(parameters.layout().length())];
    parameters.copyTo(values);
    MetricSums sums = new Evaluator(training).evaluate(values, test);
    System.out.printf(
        Locale.ROOT,
        "test loss %.4f, accuracy %.4f on %,.0f samples%n",
        sums.loss(),
        sums.accuracy(),
        sums.count());
    return ExitCode.DONE;
  }

  private static void load(TrainingConfig training, RunDirectory directory) throws IOException {
    if (!Files.exists(directory.model())) {
      throw new ConfigException(
          directory.model() + " is missing: this run did not come to its end; train again");
    }
    Map<String, Tensor> state = new LinkedHashMap<>();
    Safetensors.read(directory.model())
        .tensors()
        .forEach(
            (name, stored) ->
                state.put(
                    name,
                    Tensor.of(
                        stored.toFloatArray(),
                        stored.shape().stream().mapToInt(Integer::intValue).toArray())));
    training.model().loadStateDict(state);
  }
}
