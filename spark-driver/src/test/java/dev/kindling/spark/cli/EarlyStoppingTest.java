package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kindling.spark.metrics.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that overfits a few digits ends early, at the same epoch however it came there. */
class EarlyStoppingTest {
  private static final int PATIENCE = 3;

  @TempDir static Path folder;
  private static CommandLineRun runs;

  /** A large rate: the test loss falls, and then it rises. */
  private static final List<String> OVERFITTING =
      List.of(
          "--set",
          "optimizer.lr=0.02",
          "--set",
          "train.early_stopping={patience: %d, restore_best: true}".formatted(PATIENCE),
          "--set",
          "train.epochs=400");

  @BeforeAll
  static void train() throws IOException {
    runs = CommandLineRun.prepare(folder);
    assertThat(run("whole").errors()).isEmpty();
  }

  private static CommandLineRun.Result run(String name, String... more) {
    List<String> all = new ArrayList<>(OVERFITTING);
    all.addAll(List.of(more));
    return runs.train(name, all.toArray(String[]::new));
  }

  private static List<Double> losses(String name) throws IOException {
    return runs.metrics(name).stream()
        .filter(line -> line.get("event").asText().equals("epoch"))
        .map(line -> line.get("test_loss").asDouble())
        .toList();
  }

  @Test
  void endsAfterThePatienceBehindTheBestEpoch() throws IOException {
    List<Double> losses = losses("whole");
    assertThat(losses).hasSizeBetween(PATIENCE + 1, 399);
    int best = losses.indexOf(losses.stream().min(Double::compare).orElseThrow());
    assertThat(losses).hasSize(best + 1 + PATIENCE);
    assertThat(runs.summary("whole").get("epochs").asInt()).isEqualTo(losses.size());
  }

  @Test
  void givesTheParametersOfTheBestEpoch() throws IOException {
    int best = losses("whole").size() - PATIENCE;
    String[] untilTheBest = {"--set", "optimizer.lr=0.02", "--set", "train.epochs=" + best};
    assertThat(runs.train("best", untilTheBest).code()).isZero();
    assertThat(runs.hash("whole")).isEqualTo(runs.hash("best"));
  }

  @Test
  void otherWorkersStopAtTheSameEpochWithTheSameBits() throws IOException {
    assertThat(run("one", "--set", "cluster.workers=1").code()).isZero();
    assertThat(losses("one")).isEqualTo(losses("whole"));
    assertThat(runs.hash("one")).isEqualTo(runs.hash("whole"));
  }

  /** Its last checkpoint taken away, a run goes on in the middle of its patience. */
  @Test
  void aResumedRunCountsOn() throws IOException {
    assertThat(run("resumed").code()).isZero();
    RunDirectory directory = new RunDirectory(runs.directory("resumed"));
    Files.delete(directory.summary());
    Files.delete(directory.model());
    Path last = newest(directory.checkpoints());
    Files.delete(last.resolve("COMMITTED"));
    assertThat(runs.resume("resumed").errors()).isEmpty();
    assertThat(losses("resumed")).isEqualTo(losses("whole"));
    assertThat(runs.hash("resumed")).isEqualTo(runs.hash("whole"));
  }

  /** The checkpoint before is used, and the one that was damaged is written again. */
  @Test
  void aDamagedStateIsNamedAndTheCheckpointBeforeIsUsed() throws IOException {
    assertThat(run("damaged").code()).isZero();
    RunDirectory directory = new RunDirectory(runs.directory("damaged"));
    Files.delete(directory.summary());
    Path state = newest(directory.checkpoints()).resolve("early-stopping");
    byte[] whole = Files.readAllBytes(state);
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(state, damaged);
    assertThat(runs.resume("damaged").errors()).isEmpty();
    assertThat(directory.log())
        .content()
        .contains("is passed over", "early-stopping", "the file is damaged");
    assertThat(losses("damaged")).isEqualTo(losses("whole"));
    assertThat(runs.hash("damaged")).isEqualTo(runs.hash("whole"));
    assertThat(state).hasBinaryContent(whole);
  }

  @Test
  void anUnknownMetricIsNamed() {
    CommandLineRun.Result result =
        runs.train("bad", "--set", "train.early_stopping={metric: test_lost}");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.errors()).contains("train.early_stopping.metric", "test_loss");
  }

  /** Every five of its twelve steps: it may end amid an epoch. */
  @Test
  void stepsBetweenCountAndTheBestOfThemIsGiven() throws IOException {
    String[] watching = {
      "--set",
      "train.early_stopping={metric: test_f1_macro, patience: 4, restore_best: true}",
      "--set",
      "train.evaluate_every_steps=5"
    };
    assertThat(run("steps", watching).errors()).isEmpty();
    List<Double> values = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (JsonNode line : runs.metrics("steps")) {
      values.add(line.get("test_f1_macro").asDouble());
      steps.add(line.get("step").asInt());
    }
    int best = values.indexOf(values.stream().max(Double::compare).orElseThrow());
    assertThat(values).hasSize(best + 1 + 4);
    assertThat(runs.summary("steps").get("steps").asInt()).isEqualTo(steps.get(best + 4));
    String[] one = {"--set", "cluster.workers=1"};
    List<String> both = new ArrayList<>(List.of(watching));
    both.addAll(List.of(one));
    assertThat(run("steps-one", both.toArray(String[]::new)).code()).isZero();
    assertThat(runs.hash("steps-one")).isEqualTo(runs.hash("steps"));
  }

  @Test
  void aMetricThatTheRowsDoNotHaveIsNamed() {
    CommandLineRun.Result result =
        runs.train("none", "--set", "train.early_stopping={metric: test_auc}");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.errors()).contains("no metric 'test_auc'", "test_f1_macro");
  }

  private static Path newest(Path checkpoints) throws IOException {
    int step = -1;
    for (JsonNode epoch : runs.metrics(checkpoints.getParent().getFileName().toString())) {
      step = Math.max(step, epoch.path("step").asInt(-1));
    }
    return checkpoints.resolve("step-" + step);
  }
}
