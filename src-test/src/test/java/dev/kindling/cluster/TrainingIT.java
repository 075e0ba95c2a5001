package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trains on a Spark standalone cluster of separate JVMs and compares bits with one process. */
class TrainingIT {
  private static final int REPLICAS = 4;
  private static final int EPOCHS = 3;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;
  private static String expectedHash;

  @BeforeAll
  static void trainInOneProcess() {
    expectedHash = DigitsInOneProcess.hash(EPOCHS, REPLICAS);
  }

  private JvmProcess train(int workers) {
    return CLUSTER
        .get()
        .submit(DigitsRun.train(runDirectory().toString(), EPOCHS, REPLICAS, workers));
  }

  private Path runDirectory() {
    return folder.resolve("run");
  }

  private JsonNode summary() throws IOException {
    return new ObjectMapper().readTree(runDirectory().resolve("summary.json").toFile());
  }

  @Test
  void givesTheBitsOfOneProcess() throws IOException {
    JvmProcess submit = train(4);
    assertThat(submit.awaitExit(ofMinutes(2))).isZero();
    assertThat(summary().get("parameters_sha256").asText()).isEqualTo(expectedHash);
    assertThat(summary().get("test_accuracy").asDouble()).isGreaterThan(0.9);
    assertThat(runDirectory().resolve("model.safetensors")).exists();
    assertThat(Files.readString(runDirectory().resolve("log.txt")))
        .contains("org.apache.spark.", "dev.kindling.");
  }

  @Test
  void givesTheSameBitsWhenAnExecutorIsKilled() throws IOException {
    JvmProcess submit = train(2);
    submit.awaitLog("(?m)^ +(1) +0\\.", ofMinutes(2)); // the first epoch's row
    List<ProcessHandle> executors = CLUSTER.get().executors();
    assertThat(executors).isNotEmpty();
    StandaloneCluster.kill(executors.get(0));
    assertThat(submit.awaitExit(ofMinutes(2))).isZero();
    assertThat(summary().get("parameters_sha256").asText()).isEqualTo(expectedHash);
    assertThat(submit.log()).contains("Lost executor");
  }
}
