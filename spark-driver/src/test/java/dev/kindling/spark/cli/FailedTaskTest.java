package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Targets;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.Transport;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker fails of is told in one message: the worker, its step, the cause. */
class FailedTaskTest {
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);
  private static final AtomicInteger FUSE = new AtomicInteger();

  @TempDir Path folder;

  /** Fails when its fuse is burnt, in a way that nobody catches by accident. */
  private static final class FusedLoss implements Loss {
    private static final long serialVersionUID = 1L;

    @Override
    public Tensor perSample(Tensor output, Targets target) {
      return new CrossEntropyLoss().perSample(output, target);
    }

    @Override
    public double weight(Targets target) {
      if (FUSE.decrementAndGet() == 0) {
        throw new StackOverflowError("burnt");
      }
      return target.count();
    }

    @Override
    public Spec toSpec() {
      return Spec.of("FusedLoss");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"IN_PROCESS", "SOCKET"})
  void anErrorOfAnyKindNamesWorkerStepAndCause(Transport transport) {
    FUSE.set(12);
    TrainingConfig training =
        new TrainingConfig(
            new Sequential(new Flatten(), new Linear(784, 10)),
            new FusedLoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            10,
            5,
            1,
            1);
    try (JavaSparkContext spark = new JavaSparkContext(LocalSpark.start().sparkContext())) {
      TrainingJob job =
          new TrainingJob(spark, training, JobOptions.of(1).via(transport, 0), List.of());
      assertThatThrownBy(
              () ->
                  job.run(
                      DatasetRows.drawn(spark, () -> SyntheticDigits.train(PIXELS).range(0, 100)),
                      Optional.empty()))
          .isInstanceOf(TrainingException.class)
          .hasMessageMatching(
              "worker 0 \\(executor driver on localhost\\), step [1-9][0-9]?: "
                  + "java.lang.StackOverflowError: burnt");
    }
  }

  /** A row that the network has no embedding for is met at some step, by the command itself. */
  @Test
  void theTerminalShowsTheMessageAndNoStack() throws Exception {
    StringBuilder rows = new StringBuilder("word,label\n");
    for (int i = 0; i < 200; i++) {
      rows.append("%d,%d%n".formatted(i == 77 ? 12 : i % 10, i % 2));
    }
    Files.writeString(folder.resolve("words.csv"), rows);
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        data: {format: csv, path: %s/words.csv, features: [word], label: label}
        model:
          - Embedding: {num: 10, dim: 4}
          - Flatten
          - Linear: {in: 4, out: 2}
        loss: CrossEntropyLoss
        optimizer: {SGD: {lr: 0.1}}
        train: {epochs: 2, batch_size: 10, replicas: 2}
        cluster: {master: "local[2]"}
        """
            .formatted(folder));
    Path output = folder.resolve("output.txt");
    int code = ownProcess(output, "train", path("config.yaml"), "--run-dir", path("run"));
    String said = Files.readString(output);
    assertThat(code).as(said).isEqualTo(ExitCode.FAILED);
    assertThat(said)
        .containsPattern(
            "kindling: worker [01] \\(executor driver on localhost\\), step [0-9]+: .*12.*")
        .doesNotContain("\tat ", "Caused by", "SparkException");
    assertThat(Files.readString(folder.resolve("run/log.txt"))).contains("\tat dev.kindling");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static int ownProcess(Path output, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Dlog4j2.configurationFile=classpath:dev/kindling/spark/cli/log4j2.xml",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start()
        .waitFor();
  }
}
