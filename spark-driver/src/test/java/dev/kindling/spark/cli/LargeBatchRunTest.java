package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    assertThat(Files.readString(runs.directory("one").resolve("config.yaml")))
        .contains("replicas: 4");
    assertThat(runs.train("x", with(micro)).errors())
        .contains("train.replicas is 2, but 50 rows in micro-batches of 13 are 4 replicas");
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
                "0"));
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
