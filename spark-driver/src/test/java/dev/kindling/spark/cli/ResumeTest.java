package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is resumed from a checkpoint ends with the bits of one that was never stopped. */
class ResumeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STEPS_OF_AN_EPOCH = 13;

  @TempDir static Path folder;
  private static Path config;
  private static Path undisturbed;
  private static String errors = "";

  @BeforeAll
  static void trainWithoutAStop() throws IOException {
    IdxFiles.write(folder, 200, 50);
    config = folder.resolve("config.yaml");
    Files.writeString(
        config,
        """
        data: {format: idx, path: %s}
        model:
          - Flatten
          - Linear: {in: 784, out: 16}
          - Dropout: {p: 0.2}
          - Linear: {in: 16, out: 10}
        loss: CrossEntropyLoss
        optimizer: {type: Adam, lr: 0.001}
        train: {epochs: 4, batch_size: 16, replicas: 2}
        cluster: {master: "local[2]"}
        """
            .formatted(folder));
    undisturbed = train("undisturbed");
  }

  private static Path train(String name, String... more) {
    Path run = folder.resolve(name);
    List<String> arguments = new ArrayList<>(List.of("train", config.toString()));
    arguments.addAll(List.of("--run-dir", run.toString()));
    arguments.addAll(Arrays.asList(more));
    assertThat(kindling(arguments.toArray(String[]::new))).as(errors).isZero();
    return run;
  }

  private static int kindling(String... arguments) {
    StringWriter written = new StringWriter();
    int code = Main.run(new PrintWriter(written, true), arguments);
    errors = written.toString();
    return code;
  }

  private static void assertSameAsUndisturbed(Path run) throws IOException {
    assertSame(run, undisturbed);
  }

  private static void assertSame(Path run, Path undisturbed) throws IOException {
    JsonNode expected = summary(undisturbed);
    for (String key : List.of("parameters_sha256", "test_accuracy", "test_loss", "steps")) {
      assertThat(summary(run).get(key)).as(key).isEqualTo(expected.get(key));
    }
    assertThat(epochs(run)).containsExactly(1, 2, 3, 4);
  }

  private static JsonNode summary(Path run) throws IOException {
    return JSON.readTree(run.resolve("summary.json").toFile());
  }

  private static List<Integer> epochs(Path run) throws IOException {
    List<Integer> epochs = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode event = JSON.readTree(line);
      if (event.get("event").asText().equals("epoch")) {
        epochs.add(event.get("epoch").asInt());
      }
    }
    return epochs;
  }

  private static Path parametersOf(Path run, int epoch) throws IOException {
    Path step = run.resolve("checkpoints").resolve("step-" + epoch * STEPS_OF_AN_EPOCH);
    try (Stream<Path> files = Files.list(step)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).findAny().orElseThrow();
    }
  }

  private static void flipABit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
  }

  @Test
  void moreEpochsWithFewerWorkersGiveTheBitsOfOneRun() throws IOException {
    Path run = train("stopped", "--set", "train.epochs=2");
    int code =
        kindling("resume", run.toString(), "--set", "train.epochs=4", "--set", "cluster.workers=1");
    assertThat(code).as(errors).isZero();
    assertSameAsUndisturbed(run);
  }

  @Test
  void aScheduleRemembersTheMetricsItHasSeen() throws IOException {
    String[] falling = {
      "--set", "schedule={type: ReduceLROnPlateau, patience: 0, threshold: 0.9, factor: 0.5}"
    };
    Path whole = train("plateau", falling);
    Path run = train("plateau-stopped", "--set", "train.epochs=3", falling[0], falling[1]);
    assertThat(kindling("resume", run.toString(), "--set", "train.epochs=4")).as(errors).isZero();
    assertSame(run, whole);
    assertThat(summary(whole).get("parameters_sha256"))
        .isNotEqualTo(summary(undisturbed).get("parameters_sha256"));
  }

  @Test
  void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    Path run = train("damaged", "--set", "train.epochs=3");
    flipABit(parametersOf(run, 3));
    assertThat(kindling("resume", run.toString(), "--set", "train.epochs=4")).as(errors).isZero();
    assertSameAsUndisturbed(run);
  }

  @Test
  void damageOfAllCheckpointsIsNamed() throws IOException {
    Path run = train("lost", "--set", "train.epochs=1");
    Path parameters = parametersOf(run, 1);
    flipABit(parameters);
    assertThat(kindling("resume", run.toString(), "--set", "train.epochs=2")).isEqualTo(3);
    assertThat(errors).contains(parameters.getFileName().toString(), "CRC32C", "damaged");
    assertThat(errors.lines()).hasSize(1);
  }

  @Test
  void theLastTwoCheckpointsAreKept() {
    Path checkpoints = undisturbed.resolve("checkpoints");
    assertThat(checkpoints.resolve("step-" + 4 * STEPS_OF_AN_EPOCH)).isDirectory();
    assertThat(checkpoints.resolve("step-" + 3 * STEPS_OF_AN_EPOCH)).isDirectory();
    assertThat(checkpoints.resolve("step-" + 2 * STEPS_OF_AN_EPOCH)).doesNotExist();
  }

  @Test
  void whatWouldChangeTheResultIsRefused() {
    int code = kindling("resume", undisturbed.toString(), "--set", "train.batch_size=32");
    assertThat(code).isEqualTo(2);
    assertThat(errors).contains("train.batch_size", "start a new run");
  }

  @Test
  void aFolderWithoutARunIsRefused() {
    assertThat(kindling("resume", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(errors).contains("holds no run", "config.yaml");
  }

  @Test
  void aConfigurationThatNeverRanIsRefused() {
    assertThat(kindling("resume", folder.toString())).isEqualTo(2);
    assertThat(errors).contains("holds no run", "no run id");
  }

  @Test
  void evaluateGivesTheFiguresOfTheRun() {
    assertThat(kindling("evaluate", undisturbed.toString())).as(errors).isZero();
  }
}
