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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code kindling server} in a JVM of its own, training against it from this one. */
@DisabledOnOs(OS.WINDOWS)
class ExternalServerTest {
  @TempDir Path folder;

  private StandaloneProcess start(int number) throws IOException {
    return StandaloneProcess.start(folder, number);
  }

  private String[] external(StandaloneProcess server, int epochs) {
    return new String[] {
      "--set",
      "train.epochs=" + epochs,
      "--set",
      "servers.placement=external",
      "--set",
      "servers.addresses=127.0.0.1:" + server.port(),
      "--set",
      "servers.secret_file=" + folder.resolve("secret")
    };
  }

  @Test
  void givesTheBitsOfAServerInTheDriverAndGoesOnAfterATermination() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    assertThat(runs.train("inside", "--set", "train.epochs=4").code()).isZero();
    try (StandaloneProcess server = start(1)) {
      CommandLineRun.Result result = runs.train("outside", external(server, 2));
      assertThat(result.code()).as(result.errors()).isZero();
      assertThat(runs.metrics("outside")).hasSize(2);
      assertThat(server.metrics()).containsPattern("kindling_received_bytes_total [1-9]");
      terminate(server);
    }
    assertThat(checkpoints()).contains("step-24");
    try (StandaloneProcess server = start(2)) {
      CommandLineRun.Result result = runs.resume("outside", external(server, 4));
      assertThat(result.code()).as(result.errors()).isZero();
    }
    assertThat(runs.hash("outside")).isEqualTo(runs.hash("inside"));
    assertThat(runs.metrics("outside").get(1).get("test_loss"))
        .isEqualTo(runs.metrics("inside").get(1).get("test_loss"));
  }

  /** Each process holds every second bucket, and has its own checkpoints of them. */
  @Test
  void twoProcessesShareTheParameters() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    assertThat(runs.train("inside", set("train.epochs=4")).code()).isZero();
    for (int epochs : new int[] {2, 4}) {
      try (StandaloneProcess one = start(1);
          StandaloneProcess two = start(2)) {
        String[] both = {
          "train.epochs=" + epochs,
          "servers.placement=external",
          "servers.addresses=[127.0.0.1:%d, 127.0.0.1:%d]".formatted(one.port(), two.port()),
          "servers.secret_file=" + folder.resolve("secret")
        };
        CommandLineRun.Result result =
            epochs == 2 ? runs.train("shared", set(both)) : runs.resume("shared", set(both));
        assertThat(result.code()).as(result.errors()).isZero();
        String free = "servers.policy=asynchronous";
        result =
            epochs == 2
                ? runs.train("free", set(with(both, free)))
                : runs.resume("free", set(both));
        assertThat(result.code()).as(result.errors()).isZero();
        terminate(one);
        terminate(two);
      }
    }
    assertThat(runs.hash("shared")).isEqualTo(runs.hash("inside"));
    assertThat(runs.metrics("free")).hasSize(5); // the fourth tells of the resumption
  }

  private static String[] with(String[] settings, String last) {
    return Stream.concat(Arrays.stream(settings), Stream.of(last)).toArray(String[]::new);
  }

  /** Its standby goes on with the open step: no step is made again, and nothing is restarted. */
  @Test
  void aKilledServerIsReplacedByItsStandby() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    assertThat(runs.train("inside", set("train.epochs=60")).code()).isZero();
    try (StandaloneProcess primary = start(1);
        StandaloneProcess standby = start(2)) {
      Thread kill =
          new Thread(
              () -> {
                await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> Files.exists(folder.resolve("covered/metrics.jsonl")));
                primary.process().destroyForcibly(); // KILL
              });
      kill.start();
      CommandLineRun.Result result =
          runs.train(
              "covered",
              set(
                  "train.epochs=60",
                  "servers.placement=external",
                  "servers.standbys=1",
                  "servers.addresses=[127.0.0.1:%d, 127.0.0.1:%d]"
                      .formatted(primary.port(), standby.port()),
                  "servers.secret_file=" + folder.resolve("secret")));
      kill.join();
      assertThat(result.code()).as(result.errors()).isZero();
    }
    assertThat(runs.hash("covered")).isEqualTo(runs.hash("inside"));
    assertThat(runs.metrics("covered")).hasSize(60);
  }

  @Test
  void standbysWhereTheyCannotBeAreRefused() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    assertThat(runs.train("inside", set("servers.standbys=1")).errors())
        .contains("only external servers have standbys yet");
    String[] odd = {
      "servers.placement=external", "servers.standbys=1", "servers.addresses=[a:1, b:2, c:3]"
    };
    assertThat(runs.train("odd", set(odd)).errors()).contains("the second half are the standbys");
  }

  private static String[] set(String... settings) {
    return Arrays.stream(settings).flatMap(s -> Stream.of("--set", s)).toArray(String[]::new);
  }

  /** The signal comes while workers train: the driver is told, and what was trained is there. */
  @Test
  void aTerminationInTheMiddleLeavesACheckpoint() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    try (StandaloneProcess server = start(1)) {
      Thread stop =
          new Thread(
              () -> {
                await()
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> Files.exists(folder.resolve("stopped/metrics.jsonl")));
                kill(server);
              });
      stop.start();
      CommandLineRun.Result result = runs.train("stopped", external(server, 1_000_000));
      stop.join();
      assertThat(result.code()).as(result.errors()).isEqualTo(ExitCode.CLUSTER);
      assertThat(result.errors()).contains("is being stopped");
      assertEnded(server);
    }
    assertThat(checkpoints()).isNotEmpty();
  }

  private void assertAsInTheDriver(
      CommandLineRun runs, StandaloneProcess server, String name, String... settings)
      throws Exception {
    assertThat(runs.train(name + "-inside", settings).errors()).isEmpty();
    List<String> all = new ArrayList<>(List.of(external(server, 4)));
    all.addAll(List.of(settings));
    CommandLineRun.Result result = runs.train(name, all.toArray(String[]::new));
    assertThat(result.code()).as(result.errors()).isZero();
    assertThat(runs.hash(name)).isEqualTo(runs.hash(name + "-inside"));
  }

  /** The rule, its schedule and the policy travel; the driver keeps what early stopping sees. */
  @Test
  void policiesSchedulesAndEarlyStoppingAreThoseOfAServerInTheDriver() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    try (StandaloneProcess server = start(1)) {
      assertAsInTheDriver(
          runs,
          server,
          "plateau",
          "--set",
          "schedule={ReduceLROnPlateau: {patience: 0, threshold: 5, factor: 0.3}}");
      assertAsInTheDriver(
          runs,
          server,
          "stale",
          "--set",
          "servers.policy=bounded_staleness",
          "--set",
          "servers.staleness=0");
      assertAsInTheDriver(runs, server, "backup", "--set", "servers.policy=backup");
      assertAsInTheDriver(
          runs,
          server,
          "lamb",
          "--set",
          "optimizer={LAMB: {lr: 0.01}}",
          "--set",
          "servers.not_finite=roll_back");
      String[] overfitting = {
        "--set",
        "optimizer.lr=0.02",
        "--set",
        "train.early_stopping={patience: 2, restore_best: true}",
        "--set",
        "train.epochs=200"
      };
      assertAsInTheDriver(runs, server, "stopping", overfitting);
      assertGoesOn(runs, server);
      List<String> free = new ArrayList<>(List.of(external(server, 4)));
      free.addAll(List.of("--set", "servers.policy=asynchronous"));
      assertThat(runs.train("free", free.toArray(String[]::new)).errors()).isEmpty();
    }
  }

  /** A run that ended in its patience is given more epochs: it counts on. */
  private void assertGoesOn(CommandLineRun runs, StandaloneProcess server) throws Exception {
    int epochs = runs.summary("stopping").get("epochs").asInt();
    List<String> first = new ArrayList<>(List.of(external(server, epochs - 1)));
    first.addAll(
        List.of(
            "--set",
            "optimizer.lr=0.02",
            "--set",
            "train.early_stopping={patience: 2, restore_best: true}"));
    assertThat(runs.train("counted", first.toArray(String[]::new)).errors()).isEmpty();
    assertThat(runs.resume("counted", external(server, 200)).errors()).isEmpty();
    assertThat(runs.hash("counted")).isEqualTo(runs.hash("stopping"));
  }

  private static void terminate(StandaloneProcess server) throws Exception {
    kill(server);
    assertEnded(server);
  }

  private static void kill(StandaloneProcess server) {
    server.process().destroy(); // TERM
  }

  private static void assertEnded(StandaloneProcess server) throws Exception {
    assertThat(server.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(server.process().exitValue()).as(Files.readString(server.log())).isZero();
  }

  private List<String> checkpoints() throws IOException {
    try (var runs = Files.list(folder.resolve("kept"))) {
      Path run = runs.findFirst().orElseThrow();
      return Arrays.stream(run.toFile().list())
          .filter(name -> name.startsWith("step-"))
          .filter(name -> Files.exists(run.resolve(name).resolve("COMMITTED")))
          .toList();
    }
  }
}
