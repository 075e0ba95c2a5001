package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors in JVMs of their own that the driver starts by itself, two workers in each. */
class LocalClusterIT {
  private static final int REPLICAS = 4;

  @TempDir Path folder;

  @Test
  void givesTheBitsOfOneProcess() throws IOException {
    Distribution distribution = Distribution.built();
    Path run = folder.resolve("run");
    Stream<String> arguments =
        Stream.of(
            "dev.kindling.spark.cli.Main",
            "train",
            distribution.home().resolve("examples/digits-mlp.yaml").toString(),
            "--run-dir",
            run.toString(),
            "--set",
            "cluster.master=local-cluster[2,2,1024]",
            "--set",
            "cluster.workers=4",
            "--set",
            "train.epochs=1",
            "--set",
            "train.replicas=" + REPLICAS);
    List<String> command =
        Stream.concat(distribution.java(List.of("-Xmx512m"), distribution.kindlingJar()), arguments)
            .toList();
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME",
            distribution.home().toString(),
            "SPARK_SCALA_VERSION",
            "2.13",
            "SPARK_LOCAL_IP",
            "127.0.0.1",
            "JAVA_HOME",
            distribution.javaHome().toString());
    try (JvmProcess training =
        JvmProcess.start("local-cluster", command, environment, folder.resolve("terminal.txt"))) {
      assertThat(training.awaitExit(ofMinutes(3))).as(training.log()).isZero();
    }
    String hash =
        new ObjectMapper()
            .readTree(run.resolve("summary.json").toFile())
            .get("parameters_sha256")
            .asText();
    assertThat(hash).isEqualTo(DigitsInOneProcess.hash(1, REPLICAS));
  }
}
