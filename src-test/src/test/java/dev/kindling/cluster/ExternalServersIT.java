package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run on a cluster whose parameters are in two processes outside of it; each executor has two
 * workers, whose gradients leave it as one.
 */
class ExternalServersIT {
  private static final int REPLICAS = 4;
  private static final int EPOCHS = 2;
  private static final int PARAMETERS = 109_386;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;
  private Path secret;

  @Test
  void giveTheBitsOfOneProcess() throws IOException {
    secret = Files.writeString(folder.resolve("secret"), "known to workers and to servers");
    Path run = folder.resolve("run");
    try (JvmProcess first = server("first");
        JvmProcess second = server("second")) {
      JvmProcess training =
          CLUSTER
              .get()
              .submit(
                  DigitsRun.train(
                      run.toString(),
                      EPOCHS,
                      REPLICAS,
                      4,
                      "servers.placement=external",
                      "servers.addresses=[%s, %s]".formatted(address(first), address(second)),
                      "servers.secret_file=" + secret));
      assertThat(training.awaitExit(ofMinutes(2))).as(training.log()).isZero();
      double received = received(first) + received(second);
      double once = EPOCHS * DigitsRun.STEPS * PARAMETERS * Float.BYTES;
      assertThat(received / once)
          .as("gradients for each parameter and step, of four workers in two executors")
          .isBetween(2.0, 2.5);
      assertThat(first.log()).doesNotContain("LEAK: ");
      assertThat(second.log()).doesNotContain("LEAK: ");
    }
    String hash =
        new ObjectMapper()
            .readTree(run.resolve("summary.json").toFile())
            .get("parameters_sha256")
            .asText();
    assertThat(hash).isEqualTo(DigitsInOneProcess.hash(EPOCHS, REPLICAS));
  }

  private JvmProcess server(String name) {
    Distribution distribution = Distribution.built();
    List<String> command =
        Stream.concat(
                distribution.java(
                    List.of(
                        "-Xmx256m", "-XX:+UseSerialGC", "-Dio.netty.leakDetection.level=paranoid"),
                    distribution.kindlingJar()),
                Stream.of(
                    "dev.kindling.spark.cli.Main",
                    "server",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--http-port",
                    "0",
                    "--secret-file",
                    secret.toString()))
            .toList();
    return JvmProcess.start(name, command, Map.of(), folder.resolve(name + ".log"));
  }

  /** Where a server says that it listens. */
  private static String address(JvmProcess server) {
    return server.awaitLog("(127\\.0\\.0\\.1:\\d+)", ofMinutes(1));
  }

  /** Bytes that have come to a server, by its own count. */
  private static double received(JvmProcess server) throws IOException {
    String http = server.awaitLog("(http://127\\.0\\.0\\.1:\\d+)", ofMinutes(1));
    try (InputStream answer = URI.create(http + "/metrics").toURL().openStream()) {
      String metrics = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
      Matcher count =
          Pattern.compile("(?m)^kindling_received_bytes_total (\\S+)$").matcher(metrics);
      assertThat(count.find()).as(metrics).isTrue();
      return Double.parseDouble(count.group(1));
    }
  }
}
