package dev.kindling.spark.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full amid a run: what Linux says of a device without room, on the files
 * themselves.
 */
class FullDiskTest {
  private static final Path FULL = Path.of("/dev/full");
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);

  @TempDir private Path folder;

  @BeforeEach
  void needsTheDevice() {
    assumeTrue(Files.exists(FULL), "no /dev/full on this system");
  }

  private static void fill(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.move(file, file.resolveSibling("before-" + file.getFileName()));
        Files.createSymbolicLink(file, FULL);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From the second epoch on there is no room for a line or a record. */
  @Test
  void theRunGoesOnToItsEndWithTheSameBits() throws IOException {
    float[] undisturbed = train(folder.resolve("roomy"), new ArrayList<>());
    List<Integer> epochs = new ArrayList<>();
    Path run = folder.resolve("full");
    TrainingListener filler =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochResult result) {
            if (result.epoch() == 2) {
              fill(run);
            }
          }
        };
    float[] values = train(run, epochs, filler);
    assertThat(epochs).containsExactly(1, 2, 3);
    assertThat(values).containsExactly(undisturbed);
    assertThat(run.resolve("metrics.jsonl")).isSymbolicLink();
    assertThat(Files.readAllLines(folder.resolve("roomy/metrics.jsonl"))).hasSize(3);
  }

  private static float[] train(Path run, List<Integer> epochs, TrainingListener... first) {
    RunDirectory directory = new RunDirectory(run);
    TrainingListener ear =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochResult result) {
            epochs.add(result.epoch());
          }
        };
    List<TrainingListener> listeners = new ArrayList<>(List.of(first));
    listeners.addAll(List.of(new MetricsFile(directory), new TensorBoardFile(directory), ear));
    try (JavaSparkContext spark = new JavaSparkContext(LocalSpark.start().sparkContext())) {
      return new TrainingJob(
              spark,
              new TrainingConfig(
                  new Sequential(new Flatten(), new Linear(784, 10)),
                  new CrossEntropyLoss(),
                  new Adam(0.01),
                  new Schedule.Constant(),
                  60,
                  3,
                  2,
                  1),
              JobOptions.of(2),
              listeners)
          .run(
              DatasetRows.drawn(spark, () -> SyntheticDigits.train(PIXELS).range(0, 300)),
              Optional.empty());
    }
  }

  /** What was there stays whole, what comes when there is room again is added. */
  @Test
  void aFileStaysReadable() throws IOException {
    RunDirectory directory = new RunDirectory(folder);
    List<String> warnings = new ArrayList<>();
    GrowingFile file = new GrowingFile(directory, directory.metrics(), warnings::add);
    file.append("one");
    Path beside = folder.resolve("beside");
    Files.move(directory.metrics(), beside);
    Files.createSymbolicLink(directory.metrics(), FULL);
    file.append("two");
    file.append("three");
    Files.delete(directory.metrics());
    Files.move(beside, directory.metrics());
    file.append("four");
    assertThat(Files.readAllLines(directory.metrics())).containsExactly("one", "four");
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("metrics.jsonl", "No space left", "training goes on");
  }
}
