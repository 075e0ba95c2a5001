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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code kindling server} in a JVM of its own, and where it listens. */
record StandaloneProcess(Process process, Path log, int port, int http) implements AutoCloseable {
  private static final Pattern SERVING =
      Pattern.compile("serving parameters on .*:(\\d+), .*:(\\d+)");

  /** Its secret is the folder's file {@code secret}, its checkpoints go to {@code kept}. */
  static StandaloneProcess start(Path folder, int number, String... more) throws IOException {
    Path log = folder.resolve("server-%d.txt".formatted(number));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx512m",
            "-Dio.netty.leakDetection.level=paranoid",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(
        List.of(
            "server",
            "--port=0",
            "--host=127.0.0.1",
            "--shards=2",
            "--secret-file=" + folder.resolve("secret"),
            "--checkpoint-dir=" + folder.resolve("kept")));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> SERVING.matcher(Files.readString(log)).find() || !process.isAlive());
    Matcher serving = SERVING.matcher(Files.readString(log));
    assertThat(serving.find()).as(Files.readString(log)).isTrue();
    return new StandaloneProcess(
        process, log, Integer.parseInt(serving.group(1)), Integer.parseInt(serving.group(2)));
  }

  String metrics() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d/metrics".formatted(http));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    assertThat(log).content().doesNotContain("LEAK: ");
  }
}
