package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A federated run that is stopped from outside, in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class FederatedInterruptTest {
  @TempDir Path folder;

  /** Of whom a signal stops, the JVM tells 128 and its number. */
  @ParameterizedTest
  @CsvSource({"TERM, 143", "KILL, 137"})
  void aRunThatIsStoppedGoesOnToTheSameBits(String signal, int code) throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(
        folder.resolve("federated.yaml"),
        Files.readString(folder.resolve("config.yaml"))
                .replaceAll("optimizer: .*", "optimizer: {SGD: {lr: 0.05}}")
                .replaceAll("train: .*", "train: {seed: 4}")
            + """
            federated:
              rounds: 1000000
              clients: 12
              fraction: 0.5
              drop_out: 0.2
              server: SCAFFOLD
              checkpoint_every: 1
            """);
    Process process = runs.start(command("stopped"), "process.txt");
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> newestRound() > 1 || !process.isAlive());
      String pid = Long.toString(process.pid());
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    String log = Files.readString(folder.resolve("process.txt"));
    assertThat(process.exitValue()).as(log).isEqualTo(code);
    assertThat(runs.directory("stopped").resolve("summary.json")).doesNotExist();
    if (signal.equals("TERM")) {
      assertThat(log).contains("interrupted after round", "kindling resume");
    }
    assertGoesOn(runs, newestRound() + 2);
  }

  private void assertGoesOn(CommandLineRun runs, int rounds) throws IOException {
    String enough = "federated.rounds=" + rounds;
    CommandLineRun.Result resumed = runs.resume("stopped", "--set", enough);
    assertThat(resumed.code()).as(resumed.errors()).isZero();
    CommandLineRun.Result whole = CommandLineRun.run(command("whole", "--set", enough));
    assertThat(whole.code()).as(whole.errors()).isZero();
    assertThat(runs.hash("stopped")).isEqualTo(runs.hash("whole"));
    assertThat(runs.metrics("stopped")).hasSize(rounds);
  }

  private List<String> command(String name, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "federated",
                folder.resolve("federated.yaml").toString(),
                "--run-dir",
                folder.resolve(name).toString()));
    arguments.addAll(Arrays.asList(more));
    return arguments;
  }

  private int newestRound() {
    String[] names = folder.resolve("stopped/checkpoints").toFile().list();
    return names == null
        ? 0
        : Arrays.stream(names)
            .filter(name -> name.matches("round-\\d+\\.safetensors"))
            .mapToInt(name -> Integer.parseInt(name.substring(6, 12)))
            .max()
            .orElse(0);
  }
}
