package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle of a run, in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class InterruptTest {
  /** A build started in the background of a script ignores INT, and so would the run it starts. */
  private static final String SIGNAL = isIntIgnored() ? "TERM" : "INT";

  private static final int INT_BIT = 1 << 1;

  @TempDir Path folder;

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
  void leavesACheckpointFromWhichTheRunGoesOnToTheSameBits() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Process process =
        runs.start(runs.training("stopped", "--set", "train.epochs=1000000"), "process.txt");
    try {
      Path metrics = runs.directory("stopped").resolve("metrics.jsonl");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> Files.exists(metrics) || !process.isAlive());
      String pid = Long.toString(process.pid());
      assertThat(new ProcessBuilder("kill", "-" + SIGNAL, pid).start().waitFor()).isZero();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    String log = Files.readString(folder.resolve("process.txt"));
    assertThat(process.exitValue()).as(log).isEqualTo(SIGNAL.equals("INT") ? 130 : 143);
    assertThat(log).contains("interrupted after the checkpoint of step", "kindling resume");
    assertThat(runs.directory("stopped").resolve("summary.json")).doesNotExist();
    assertGoesOn(runs);
  }

  private void assertGoesOn(CommandLineRun runs) throws IOException {
    int epochs = newestCheckpoint(runs.directory("stopped")) / CommandLineRun.STEPS + 2;
    String enough = "train.epochs=" + epochs;
    assertThat(runs.resume("stopped", "--set", enough).code()).isZero();
    assertThat(runs.train("whole", "--set", enough).code()).isZero();
    assertThat(runs.hash("stopped")).isEqualTo(runs.hash("whole"));
  }

  private static int newestCheckpoint(Path run) {
    return Arrays.stream(run.resolve("checkpoints").toFile().list())
        .filter(name -> name.startsWith("step-"))
        .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
        .max()
        .orElseThrow();
  }
}
