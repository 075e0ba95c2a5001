package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeBatchRunTest {
  private static final String[] SGD = {"--set", "optimizer={type: SGD, lr: 0.1}"};

  @TempDir Path folder;

  private static String[] with(String... settings) {
    String[] arguments = new String[SGD.length + 2 * settings.length + 2];
    System.arraycopy(SGD, 0, arguments, 0, SGD.length);
    arguments[SGD.length] = "--set";
    arguments[SGD.length + 1] = "train.epochs=1";
    for (int i = 0; i < settings.length; i++) {
      arguments[SGD.length + 2 + 2 * i] = "--set";
      arguments[SGD.length + 3 + 2 * i] = settings[i];
    }
    return arguments;
  }

  /** Micro-batches decide the tree, so the workers decide nothing. */
  @Test
  void microBatchesAreTheLeavesOfTheTree() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    String micro = "train.micro_batch_size=13";
    CommandLineRun.Result one =
        runs.train("one", with("train.replicas=null", micro, "cluster.workers=1"));
    assertThat(one.code()).as(one.errors()).isZero();
    runs.train("two", with("train.replicas=null", micro, "cluster.workers=2"));
    assertThat(runs.hash("two")).isEqualTo(runs.hash("one"));
    assertThat(runs.metrics("one").get(0).get("noise_scale").asDouble()).isPositive();
    assertThat(runs.metrics("two").get(0).has("noise_scale")).isTrue();
    assertThat(Files.readString(runs.directory("one").resolve("config.yaml")))
        .contains("replicas: 4");
    assertThat(runs.train("x", with(micro)).errors())
        .contains("train.replicas is 2, but 50 rows in micro-batches of 13 are 4 replicas");
  }

  /** Two replicas tell the same noise, whether a worker adds them or the shard. */
  @Test
  void theShardMeasuresTheNoiseOfWorkersWithOneReplicaEach() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    runs.train("one", with("train.replicas=2", "cluster.workers=1"));
    runs.train("two", with("train.replicas=2", "cluster.workers=2"));
    double noise = runs.metrics("one").get(0).get("noise_scale").asDouble();
    assertThat(noise).isPositive();
    assertThat(runs.metrics("two").get(0).get("noise_scale").asDouble())
        .isCloseTo(noise, withinPercentage(1e-6));
  }

  @Test
  void theRateFollowsTheBatchAndRunsAreSetSideBySide() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    runs.train("scaled", with("train.base_batch_size=25", "optimizer.lr=0.1"));
    runs.train("plain", with("optimizer.lr=0.2"));
    runs.train("warm", with("train.base_batch_size=25", "train.warmup_epochs=1"));
    assertThat(runs.hash("scaled")).isEqualTo(runs.hash("plain"));
    assertThat(runs.hash("warm")).isNotEqualTo(runs.hash("plain"));
    Path into = folder.resolve("side by side");
    CommandLineRun.Result result =
        CommandLineRun.run(
            List.of(
                "compare",
                runs.directory("scaled").toString(),
                runs.directory("warm").toString(),
                "--into",
                into.toString(),
                "--target",
                "0",
                "--last",
                "2"));
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(Files.readAllLines(into.resolve("table.csv")))
        .hasSize(3)
        .first()
        .isEqualTo("run,last_epoch,best_test_accuracy,last_test_accuracy,reached");
    assertThat(Files.readAllLines(into.resolve("table.csv")).get(1))
        .matches("scaled,1,0\\.\\d+,.*,1");
    assertThat(ImageIO.read(into.resolve("chart.png").toFile()).getWidth()).isEqualTo(960);
  }

  @Test
  void aSweepMakesItsRunsOnceNotesWhatDivergesAndGivesMeans() throws IOException {
    CommandLineRun.prepare(folder);
    Files.writeString(
        folder.resolve("sweep.yaml"),
        """
        config: config.yaml
        vary:
          train.seed: [1, 2]
          train.batch_size: [50, 100]
        lines:
          plain: {optimizer: {type: SGD, lr: 0.1}, train.epochs: 1}
          wild: {optimizer: {type: SGD, lr: 1e30}, train.epochs: 1}
        """);
    Path into = folder.resolve("sweep");
    List<String> command =
        List.of("sweep", folder.resolve("sweep.yaml").toString(), "--into", into.toString());
    List<String> some = new ArrayList<>(command);
    some.addAll(List.of("--only", "plain.*|wild\\.1\\.50"));
    CommandLineRun.Result result = CommandLineRun.run(some);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(into.toFile().list())
        .containsExactlyInAnyOrder(
            "plain.1.50", "plain.1.100", "plain.2.50", "plain.2.100", "wild.1.50");
    FileTime first = Files.getLastModifiedTime(into.resolve("plain.1.50/metrics.jsonl"));
    assertThat(CommandLineRun.run(some).code()).isZero();
    assertThat(Files.getLastModifiedTime(into.resolve("plain.1.50/metrics.jsonl")))
        .isEqualTo(first);

    List<String> compare = new ArrayList<>(List.of("compare"));
    for (String run : List.of("plain.1.50", "plain.1.100", "plain.2.50", "plain.2.100")) {
      compare.add(into.resolve(run).toString());
    }
    compare.add(into.resolve("wild.1.50").toString());
    compare.addAll(List.of("--against", "train.batch_size", "--y", "test_error"));
    compare.addAll(List.of("--most", "0.5", "--into", into.toString()));
    result = CommandLineRun.run(compare);
    assertThat(result.code()).as(result.errors()).isZero();
    List<String> rows = Files.readAllLines(into.resolve("table.csv"));
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0))
        .isEqualTo("line,train.batch_size,runs,diverged,test_error,deviation,difference");
    assertThat(rows.get(1)).matches("plain,50,2,0,0\\.\\d+,0\\.\\d+,\\+0\\.00000");
    assertThat(rows.get(2)).startsWith("plain,100,2,0,0.");
    assertThat(rows.get(3)).startsWith("wild,50,1,1,NaN");
    assertThat(into.resolve("chart.png")).isNotEmptyFile();
  }

  @Test
  void aSweepSaysWhatItMisses() throws IOException {
    CommandLineRun.prepare(folder);
    Path file = folder.resolve("sweep.yaml");
    List<String> command = List.of("sweep", file.toString(), "--into", folder.toString());
    Files.writeString(file, "lines: {a: {}}\n");
    assertThat(CommandLineRun.run(command).errors()).contains("the key 'config' is missing");
    Files.writeString(file, "config: config.yaml\n");
    assertThat(CommandLineRun.run(command).errors()).contains("the key 'lines' is missing");
    Files.writeString(file, "config: config.yaml\nlines: {a: {}}\nvary: {train.seed: 1}\n");
    assertThat(CommandLineRun.run(command).errors())
        .contains("sweep.yaml, line 3: vary.train.seed is '1'; it must be a list");
  }

  @Test
  void aRangeTestSuggestsARateAndLeavesATableAndAChart() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Path into = folder.resolve("range");
    List<String> command =
        List.of(
            "lr-find",
            folder.resolve("config.yaml").toString(),
            "--run-dir",
            into.toString(),
            "--steps",
            "60",
            "--from",
            "1e-5",
            "--to");
    List<String> diverging = new ArrayList<>(command);
    diverging.addAll(List.of("1e6", "--set", "optimizer={type: SGD, lr: 0.1}"));
    CommandLineRun.Result result = CommandLineRun.run(diverging);
    assertThat(result.code()).as(result.errors()).isZero();
    List<String> rows = Files.readAllLines(into.resolve("lr-find.csv"));
    assertThat(rows).hasSizeBetween(10, 60);
    assertThat(rows.get(0)).isEqualTo("lr,loss,smoothed_loss");
    assertThat(rows.get(1)).startsWith("1.00000e-05,2.");
    assertThat(ImageIO.read(into.resolve("lr-find.png").toFile()).getWidth()).isEqualTo(960);
    assertThat(runs.train("range").code()).as("the folder can take a run still").isZero();

    List<String> falling = new ArrayList<>(command);
    falling.add("1e-6");
    assertThat(CommandLineRun.run(falling).code()).isEqualTo(ExitCode.USAGE);
  }
}
