package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the parameters are, and what a cluster must be like. */
class PlacementRunTest {
  private static final String AUTHENTICATE = "spark.authenticate";

  @TempDir static Path folder;
  private static CommandLineRun runs;

  @BeforeAll
  static void prepare() throws IOException {
    runs = CommandLineRun.prepare(folder);
    assertThat(runs.train("driver").code()).isZero();
  }

  @AfterEach
  void forget() {
    for (String key :
        new String[] {AUTHENTICATE, "spark.dynamicAllocation.enabled", "spark.speculation"}) {
      System.clearProperty(key);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anExecutorThatHoldsThemGivesTheSameBits(boolean authenticates) throws IOException {
    System.setProperty(AUTHENTICATE, String.valueOf(authenticates));
    String name = "executors-" + authenticates;
    CommandLineRun.Result result =
        runs.train(
            name,
            "--set",
            "servers.placement=executors",
            "--set",
            "servers.executors=2",
            "--set",
            "checkpoint.path=" + folder.resolve("kept-" + authenticates).toUri());
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.hash(name)).isEqualTo(runs.hash("driver"));
    Path resolved = runs.directory(name).resolve("config.yaml");
    assertThat(RunConfig.read(resolved, List.of()).servers().executors()).isEqualTo(2);
    try (var kept = Files.walk(folder.resolve("kept-" + authenticates))) {
      assertThat(kept.filter(file -> file.endsWith("COMMITTED"))).hasSize(2);
    }
  }

  @Test
  void sparksOwnSecretGivesTheSameBits() throws IOException {
    System.setProperty(AUTHENTICATE, "true");
    CommandLineRun.Result result = runs.train("authenticated", "--set", "servers.transport=socket");
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.hash("authenticated")).isEqualTo(runs.hash("driver"));
  }

  @Test
  void withoutAPlaceForCheckpointsNothingBegins() {
    assertRefused(ExitCode.USAGE, "checkpoint.path", "servers.placement=executors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark.dynamicAllocation.enabled", "spark.speculation"})
  void aSettingThatNoBarrierStageCanLiveWithIsNamed(String key) {
    System.setProperty(key, "true");
    assertRefused(ExitCode.CLUSTER, "set " + key + "=false", "train.epochs=1");
  }

  @Test
  void tooFewSlotsAreCounted() {
    assertRefused(
        ExitCode.CLUSTER,
        "2 workers need 2 slots at once; local[1] has 1",
        "cluster.master=local[1]");
  }

  private static void assertRefused(int code, String words, String setting) {
    CommandLineRun.Result result = runs.train("refused", "--set", setting);
    assertThat(result.code()).as(result.errors()).isEqualTo(code);
    assertThat(result.errors()).contains(words).doesNotContain("Exception");
    assertThat(runs.directory("refused")).doesNotExist();
  }
}
