package dev.kindling.cluster;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A run of the launcher that is stopped from outside, and resumed to the bits of one process. */
@DisabledOnOs(OS.WINDOWS)
class InterruptedRunIT {
  private static final int REPLICAS = 2;
  private static final int STEPS_OF_AN_EPOCH = 313;

  /** A build started in the background of a script ignores INT, and so would the run it starts. */
  private static final String SIGNAL = isIntIgnored() ? "TERM" : "INT";

  private static final int INT_BIT = 1 << 1;

  @TempDir Path folder;
  private Path run;

  private static boolean isIntIgnored() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .map(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
          .anyMatch(mask -> (mask & INT_BIT) != 0);
    } catch (IOException e) {
      return false; // a system without /proc
    }
  }

  @Test
  void controlCLeavesACheckpointAndExitCode130() throws Exception {
    Process training = train("interrupted");
    awaitAnEpoch(training);
    Process kill = new ProcessBuilder("kill", "-" + SIGNAL, String.valueOf(training.pid())).start();
    assertThat(kill.waitFor()).isZero();
    assertThat(training.waitFor(2, MINUTES)).isTrue();
    assertThat(training.exitValue()).as(errors()).isEqualTo(SIGNAL.equals("INT") ? 130 : 143);
    assertThat(errors())
        .contains("interrupted after the checkpoint of step", "kindling resume " + run);
    assertThat(run.resolve("model.safetensors")).doesNotExist();
    resumeToTheExpectedBits();
  }

  @Test
  void killedDriverGoesOnFromTheLastCheckpoint() throws Exception {
    Process training = train("killed");
    awaitAnEpoch(training);
    training.destroyForcibly();
    assertThat(training.waitFor(2, MINUTES)).isTrue();
    assertThat(run.resolve("model.safetensors")).doesNotExist();
    resumeToTheExpectedBits();
  }

  private Process train(String name) throws IOException {
    run = folder.resolve(name);
    Path example = Distribution.built().home().resolve("examples/digits-mlp.yaml");
    return kindling(
        "train",
        example.toString(),
        "--run-dir",
        run.toString(),
        "--set",
        "train.epochs=1000000",
        "--set",
        "train.replicas=" + REPLICAS);
  }

  /** Until a checkpoint is committed. */
  private void awaitAnEpoch(Process training) {
    await("the first checkpoint")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> isCommitted() || !training.isAlive());
    assertThat(training.isAlive()).as("the run goes on").isTrue();
  }

  private boolean isCommitted() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return false;
    }
    try (Stream<Path> steps = Files.list(checkpoints)) {
      return steps.anyMatch(step -> Files.exists(step.resolve("COMMITTED")));
    }
  }

  private void resumeToTheExpectedBits() throws Exception {
    int epochs = newestCheckpoint() / STEPS_OF_AN_EPOCH + 1;
    Process resumed = kindling("resume", run.toString(), "--set", "train.epochs=" + epochs);
    assertThat(resumed.waitFor(2, MINUTES)).isTrue();
    assertThat(resumed.exitValue()).as(errors()).isZero();
    String hash =
        new ObjectMapper()
            .readTree(run.resolve("summary.json").toFile())
            .get("parameters_sha256")
            .asText();
    assertThat(hash).isEqualTo(DigitsInOneProcess.hash(epochs, REPLICAS));
  }

  private int newestCheckpoint() throws IOException {
    try (Stream<Path> steps = Files.list(run.resolve("checkpoints"))) {
      return steps
          .filter(step -> Files.exists(step.resolve("COMMITTED")))
          .mapToInt(step -> Integer.parseInt(step.getFileName().toString().substring(5)))
          .max()
          .orElseThrow();
    }
  }

  private Process kindling(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Distribution.built().home().resolve("bin/kindling").toString());
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.redirectOutput(folder.resolve("output").toFile());
    builder.redirectError(folder.resolve("errors").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("errors"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
