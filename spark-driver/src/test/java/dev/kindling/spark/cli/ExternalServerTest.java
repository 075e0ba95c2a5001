package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code kindling server} in a JVM of its own, training against it from this one. */
@DisabledOnOs(OS.WINDOWS)
class ExternalServerTest {
  private static final Pattern SERVING =
      Pattern.compile("serving parameters on .*:(\\d+), .*:(\\d+)");

  @TempDir Path folder;

  /** The process and where it listens. */
  private record Server(Process process, Path log, int port, int http) implements AutoCloseable {
    String metrics() throws IOException, InterruptedException {
      URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(http));
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  private Server start(int number) throws IOException {
    Path log = folder.resolve("server-%d.txt".formatted(number));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(
        List.of("-Xmx512m", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(
        List.of(
            "server",
            "--port=0",
            "--host=127.0.0.1",
            "--shards=2",
            "--secret-file=" + folder.resolve("secret"),
            "--checkpoint-dir=" + folder.resolve("kept")));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> SERVING.matcher(Files.readString(log)).find() || !process.isAlive());
    Matcher serving = SERVING.matcher(Files.readString(log));
    assertThat(serving.find()).as(Files.readString(log)).isTrue();
    return new Server(
        process, log, Integer.parseInt(serving.group(1)), Integer.parseInt(serving.group(2)));
  }

  private String[] external(Server server, int epochs) {
    return new String[] {
      "--set",
      "train.epochs=" + epochs,
      "--set",
      "servers.placement=external",
      "--set",
      "servers.addresses=127.0.0.1:" + server.port,
      "--set",
      "servers.secret_file=" + folder.resolve("secret")
    };
  }

  @Test
  void givesTheBitsOfAServerInTheDriverAndGoesOnAfterATermination() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    assertThat(runs.train("inside", "--set", "train.epochs=4").code()).isZero();
    try (Server server = start(1)) {
      CommandLineRun.Result result = runs.train("outside", external(server, 2));
      assertThat(result.code()).as(result.errors()).isZero();
      assertThat(runs.metrics("outside")).hasSize(2);
      assertThat(server.metrics()).containsPattern("kindling_received_bytes_total [1-9]");
      terminate(server);
    }
    assertThat(checkpoints()).contains("step-24");
    try (Server server = start(2)) {
      CommandLineRun.Result result = runs.resume("outside", external(server, 4));
      assertThat(result.code()).as(result.errors()).isZero();
    }
    assertThat(runs.hash("outside")).isEqualTo(runs.hash("inside"));
    assertThat(runs.metrics("outside").get(1).get("test_loss"))
        .isEqualTo(runs.metrics("inside").get(1).get("test_loss"));
  }

  /** The signal comes while workers train: the driver is told, and what was trained is there. */
  @Test
  void aTerminationInTheMiddleLeavesACheckpoint() throws Exception {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    Files.writeString(folder.resolve("secret"), "of sixteen bytes and more\n");
    try (Server server = start(1)) {
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

  private static void terminate(Server server) throws Exception {
    kill(server);
    assertEnded(server);
  }

  private static void kill(Server server) {
    server.process.destroy(); // TERM
  }

  private static void assertEnded(Server server) throws Exception {
    assertThat(server.process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(server.process.exitValue()).as(Files.readString(server.log)).isZero();
  }

  private List<String> checkpoints() throws IOException {
    try (var runs = Files.list(folder.resolve("kept"))) {
      Path run = runs.findFirst().orElseThrow();
      return java.util.Arrays.stream(run.toFile().list())
          .filter(name -> name.startsWith("step-"))
          .filter(name -> Files.exists(run.resolve(name).resolve("COMMITTED")))
          .toList();
    }
  }
}
