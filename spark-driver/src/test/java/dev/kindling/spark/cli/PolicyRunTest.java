package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code servers.policy} on the command line. */
class PolicyRunTest {
  @TempDir static Path folder;
  private static CommandLineRun runs;

  @BeforeAll
  static void prepare() throws IOException {
    runs = CommandLineRun.prepare(folder);
    assertThat(runs.train("synchronous").errors()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "bounded_staleness, servers.staleness=0",
    "backup, servers.backups=1",
    "synchronous, servers.not_finite=skip"
  })
  void givesTheBitsOfSynchronousSteps(String policy, String setting) throws IOException {
    String name = "exact-" + policy;
    CommandLineRun.Result result =
        runs.train(name, "--set", "servers.policy=" + policy, "--set", setting);
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.hash(name)).isEqualTo(runs.hash("synchronous"));
    assertThat(Files.readString(runs.directory(name).resolve("config.yaml")))
        .contains("policy: " + policy)
        .contains(setting.substring("servers.".length()).replace("=", ": "));
  }

  /** Workers meet at the end of an epoch: what is kept there can be gone on from. */
  @Test
  void anAsynchronousRunGoesOnFromItsCheckpoint() throws IOException {
    CommandLineRun.Result result =
        runs.train("free", "--set", "servers.policy=asynchronous", "--set", "train.epochs=2");
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.resume("free", "--set", "train.epochs=4").errors()).isEmpty();
    assertThat(runs.metrics("free").stream().filter(line -> line.has("epoch"))).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({
    "servers.policy=asynchronos, did you mean 'asynchronous'",
    "servers.policy=bounded_stale, did you mean 'bounded_staleness'",
    "servers.staleness=2, set servers.policy to bounded_staleness",
    "servers.backups=1, set servers.policy to backup",
    "servers.not_finite=skipp, did you mean 'skip'"
  })
  void whatIsUnknownOrWithoutMeaningIsNamed(String setting, String answer) {
    CommandLineRun.Result result = runs.train("refused", "--set", setting);
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.errors()).contains(answer);
  }
}
