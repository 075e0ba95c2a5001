package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kindling.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tools outside read of a run directory. */
class RunContractTest {
  @TempDir Path folder;

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void everyFileHoldsWhatIsPromised() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    CommandLineRun.Result result = runs.train("run", "--set", "train.epochs=2");
    assertThat(result.code()).as(result.errors()).isZero();
    assertMetrics(runs.metrics("run"));
    assertSummary(runs);
    assertThat(Safetensors.read(runs.directory("run").resolve("model.safetensors")).tensors())
        .containsOnlyKeys("1.weight", "1.bias", "3.weight", "3.bias");
    assertThat(runs.directory("run").toFile().list())
        .contains("config.yaml", "metrics.jsonl", "summary.json", "checkpoints", "log.txt")
        .anyMatch(name -> name.startsWith("events.out.tfevents."))
        .noneMatch(name -> name.startsWith("."));
    assertThat(Files.readString(runs.directory("run").resolve("log.txt")))
        .contains("org.apache.spark.SparkContext");
  }

  private static void assertMetrics(List<JsonNode> events) {
    assertThat(events).hasSize(2);
    JsonNode last = events.get(1);
    assertThat(last.get("event").asText()).isEqualTo("epoch");
    assertThat(last.get("epoch").asInt()).isEqualTo(2);
    assertThat(names(last))
        .contains(
            "train_loss",
            "train_accuracy",
            "test_loss",
            "test_accuracy",
            "train_seconds",
            "samples_per_second");
    assertThat(last.get("samples_per_second").asDouble() * last.get("train_seconds").asDouble())
        .isCloseTo(600, within(1e-6));
    assertThat(names(last.get("step_ms")))
        .containsExactly("batch", "forward", "backward", "exchange", "optimizer", "waiting");
  }

  private static void assertSummary(CommandLineRun runs) throws IOException {
    JsonNode summary = runs.summary("run");
    JsonNode last = runs.metrics("run").get(1);
    assertThat(names(summary))
        .containsExactly(
            "test_accuracy",
            "test_loss",
            "epochs",
            "steps",
            "train_seconds",
            "samples_per_second",
            "parameters",
            "parameters_sha256");
    assertThat(summary.get("test_accuracy")).isEqualTo(last.get("test_accuracy"));
    assertThat(summary.get("steps").asInt()).isEqualTo(2 * CommandLineRun.STEPS);
    assertThat(summary.get("parameters").asInt()).isEqualTo(784 * 16 + 16 + 16 * 10 + 10);
    assertThat(summary.get("parameters_sha256").asText()).matches("[0-9a-f]{64}");
  }
}
