package dev.kindling.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose directory or checkpoints lie on HDFS. */
class HdfsIT {
  private static final int REPLICAS = 2;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);
  @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();

  @TempDir Path folder;

  private static Hdfs hdfs() {
    return HDFS.get();
  }

  /** The newest is altered by a bit, the next cut short, the third torn: the fourth is sound. */
  @Test
  void aKilledApplicationIsResumedFromTheNewestSoundCheckpoint() throws IOException {
    String run = "/runs/killed";
    JvmProcess training =
        CLUSTER
            .get()
            .submit(DigitsRun.train(hdfs().at(run), 1_000_000, REPLICAS, 2, "checkpoint.keep=5"));
    await("four checkpoints")
        .atMost(ofMinutes(2))
        .pollInterval(ofSeconds(1).dividedBy(20))
        .until(() -> committed(run).size() >= 4 || !training.isAlive());
    training.close();
    List<Integer> steps = committed(run);
    assertThat(steps).as(training.log()).hasSizeGreaterThanOrEqualTo(4);
    flipABit(parameters(run, steps.get(0)));
    truncate(parameters(run, steps.get(1)));
    hdfs().delete("%s/checkpoints/step-%d/COMMITTED".formatted(run, steps.get(2)));

    int epochs = steps.get(0) / DigitsRun.STEPS + 1;
    JvmProcess resumed =
        CLUSTER.get().submit(DigitsRun.resume(hdfs().at(run), "train.epochs=" + epochs));
    assertThat(resumed.awaitExit(ofMinutes(2))).isZero();
    assertThat(resumed.log())
        .contains(
            "step-%d/shard-0-term-1.safetensors: ".formatted(steps.get(0)),
            "step-%d/shard-0-term-1.safetensors: ".formatted(steps.get(1)),
            "resumed at step " + steps.get(3));
    assertThat(hdfs().json(run + "/summary.json").get("parameters_sha256").asText())
        .isEqualTo(DigitsInOneProcess.hash(epochs, REPLICAS));
    assertThat(epochsOf(run)).isEqualTo(epochs);
    assertThat(hdfs().exists(run + "/model.safetensors")).isTrue();
  }

  @Test
  void aFederatedRunLeavesItsDirectoryAndIsCompared() throws IOException {
    String example = Distribution.built().home().resolve("examples/fedavg/digits.yaml").toString();
    String run = hdfs().at("/runs/federated");
    JvmProcess training =
        CLUSTER
            .get()
            .submit(
                DigitsRun.command(
                    "federated", example, "--run-dir", run, "--set", "federated.rounds=2"));
    assertThat(training.awaitExit(ofMinutes(2))).as(training.log()).isZero();
    for (String file : List.of("config.yaml", "metrics.jsonl", "model.safetensors", "log.txt")) {
      assertThat(hdfs().exists("/runs/federated/" + file)).as(file).isTrue();
    }
    assertThat(hdfs().exists("/runs/federated/checkpoints")).isTrue();
    JvmProcess comparison =
        CLUSTER
            .get()
            .submit(
                DigitsRun.command(
                    "compare", run, "--x", "round", "--into", hdfs().at("/runs/compared")));
    assertThat(comparison.awaitExit(ofMinutes(2))).as(comparison.log()).isZero();
    assertThat(new String(hdfs().read("/runs/compared/table.csv"), UTF_8))
        .contains("\nfederated,2,");
    assertThat(hdfs().exists("/runs/compared/chart.png")).isTrue();
  }

  private static List<Integer> committed(String run) throws IOException {
    return hdfs().committed(run + "/checkpoints");
  }

  private static String parameters(String run, int step) throws IOException {
    return hdfs().parameters(run + "/checkpoints", step);
  }

  private static void flipABit(String file) throws IOException {
    byte[] bytes = hdfs().read(file);
    bytes[bytes.length / 2] ^= 8;
    hdfs().write(file, bytes);
  }

  private static void truncate(String file) throws IOException {
    byte[] bytes = hdfs().read(file);
    hdfs().write(file, Arrays.copyOf(bytes, bytes.length / 2));
  }

  private static long epochsOf(String run) throws IOException {
    return new String(hdfs().read(run + "/metrics.jsonl"), UTF_8)
        .lines()
        .filter(line -> line.contains("\"event\":\"epoch\""))
        .count();
  }

  /** The checkpoint of 1.3 MB needs a second block of 1 MiB, for which there is no room. */
  @Test
  void aFullFileSystemIsAWarningAndTrainingGoesOn() throws IOException {
    hdfs().limit("/full", 3 << 19);
    Path run = folder.resolve("run");
    JvmProcess training =
        CLUSTER
            .get()
            .submit(
                DigitsRun.train(
                    run.toString(), 2, REPLICAS, 2, "checkpoint.path=" + hdfs().at("/full")));
    assertThat(training.awaitExit(ofMinutes(2))).isZero();
    assertThat(Files.readString(run.resolve("metrics.jsonl")))
        .contains("\"event\":\"checkpoint_failed\"", "quota");
    String hash =
        new ObjectMapper()
            .readTree(run.resolve("summary.json").toFile())
            .get("parameters_sha256")
            .asText();
    assertThat(hash).isEqualTo(DigitsInOneProcess.hash(2, REPLICAS));
  }
}
