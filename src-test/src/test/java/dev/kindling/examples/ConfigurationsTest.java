package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.nn.Module;
import dev.kindling.nn.Modules;
import dev.kindling.nn.Summary;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Span;
import dev.kindling.optim.StepLR;
import dev.kindling.spark.config.FederatedRunConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.config.SweepConfig;
import dev.kindling.tensor.Shape;
import dev.kindling.train.FlatParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The configurations in {@code deploy/examples} and the programs here are the same networks. */
class ConfigurationsTest {
  private static final Path FOLDER = Path.of("..", "deploy", "examples");

  private static RunConfig read(Path file) {
    return RunConfig.read(file, List.of("data.path=there"));
  }

  private static Module model(String name) {
    return Modules.of(read(FOLDER.resolve(name)).model());
  }

  @TestFactory
  Stream<DynamicTest> everyOneIsReadAndItsNetworkTakesItsRows() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(Files::isRegularFile).sorted().toList().stream()
          .map(file -> dynamicTest(file.getFileName().toString(), () -> assertClasses(file)));
    }
  }

  private static void assertClasses(Path file) {
    RunConfig config = read(file);
    Shape row =
        switch (config.data().format()) {
          case "cifar10" -> Shape.of(3, 32, 32);
          case "text" -> Shape.of(1);
          default -> Shape.of(1, 28, 28);
        };
    int classes = config.data().format().equals("text") ? 96 : 10;
    Summary summary = Summary.of(Modules.of(config.model()), row);
    assertThat(summary.rows().get(summary.rows().size() - 1).output()).isEqualTo(Shape.of(classes));
  }

  /** Every run of the experiments: its settings belong to its configuration. */
  @TestFactory
  Stream<DynamicTest> everySweepIsRead() {
    return Stream.of(
            "large-batch/mnist-sweep.yaml",
            "large-batch/cifar10-sweep.yaml",
            "fedavg/2nn.yaml",
            "fedavg/servers.yaml",
            "fedavg/cnn.yaml")
        .map(name -> dynamicTest(name, () -> everyRun(SweepConfig.read(FOLDER.resolve(name)))));
  }

  private static void everyRun(SweepConfig sweep) {
    assertThat(sweep.runs()).isNotEmpty();
    for (SweepConfig.Run run : sweep.runs()) {
      List<String> settings = new ArrayList<>(run.settings());
      settings.add("data.path=there");
      if (FederatedRunConfig.isFederated(sweep.config())) {
        FederatedRunConfig.read(sweep.config(), settings);
      } else {
        RunConfig.read(sweep.config(), settings);
      }
    }
  }

  @Test
  void theNetworksOfFederatedAveragingAreAsLargeAsInThePaper() {
    assertThat(parameters("fedavg/mnist-2nn.yaml")).isEqualTo(199_210);
    assertThat(parameters("fedavg/mnist-cnn.yaml")).isEqualTo(1_663_370);
  }

  private static long parameters(String name) {
    return FederatedRunConfig.read(FOLDER.resolve(name), List.of("data.path=there"))
        .training()
        .layout()
        .parameters();
  }

  @Test
  void theNetworksAreThoseOfThePrograms() {
    assertThat(model("mnist-mlp.yaml").toSpec()).isEqualTo(MnistMlp.model().toSpec());
    assertThat(model("mnist-cnn.yaml").toSpec()).isEqualTo(MnistCnn.model().toSpec());
    assertThat(model("cifar-cnn.yaml").toSpec()).isEqualTo(CifarCnn.model().toSpec());
    Schedule stairs = read(FOLDER.resolve("mnist-cnn.yaml")).training(1).schedule();
    assertThat(stairs).isEqualTo(new StepLR(Span.epochs(5), 0.5));
  }

  /** What YAML gives is what the program says in Java, also after it has been written again. */
  @Test
  void aLayerSaysHowItsParametersStart(@TempDir Path folder) throws IOException {
    String start = ", init: {weight: {Normal: {std: 0.01}}, bias: Zeros}}\n";
    Path file = folder.resolve("dropout.yaml");
    Files.writeString(
        file,
        "model:\n  - Flatten\n  - Linear: {in: 784, out: 256"
            + start
            + "  - ReLU\n  - Dropout: {p: 0.2}\n  - Linear: {in: 256, out: 256"
            + start
            + "  - ReLU\n  - Dropout: {p: 0.5}\n  - Linear: {in: 256, out: 10"
            + start
            + "loss: CrossEntropyLoss\noptimizer:\n  SGD: {lr: 0.2}\n");
    RunConfig config = read(file);
    float[] expected = FlatParameters.initialize(DropoutMlp.model(), 1);
    assertThat(FlatParameters.initialize(Modules.of(config.model()), 1)).isEqualTo(expected);
    Files.writeString(file, config.toYaml());
    assertThat(FlatParameters.initialize(Modules.of(read(file).model()), 1)).isEqualTo(expected);
  }
}
