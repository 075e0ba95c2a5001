package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trains on a Spark standalone cluster of separate JVMs and compares bits with one process. */
class TrainingIT {
  private static final int REPLICAS = 4;
  private static final int EPOCHS = 3;

  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension(2, 2);

  @TempDir Path folder;
  private static String expectedHash;

  @BeforeAll
  static void trainInOneProcess() throws NoSuchAlgorithmException {
    TrainingConfig config =
        new TrainingConfig(
            new Sequential(
                new Flatten(),
                new Linear(784, 128),
                new ReLU(),
                new Linear(128, 64),
                new ReLU(),
                new Linear(64, 10)),
            new CrossEntropyLoss(),
            new Adam(0.001),
            new Schedule.Constant(),
            64,
            EPOCHS,
            REPLICAS,
            1);
    SyntheticDigits digits = SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081));
    LocalTrainer trainer =
        new LocalTrainer(config, new RowOrder(1).slices(digits, REPLICAS), List.of());
    trainer.fit();
    ByteBuffer bytes =
        ByteBuffer.allocate((int) config.layout().parameters() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(trainer.values(), 0, bytes.capacity() / Float.BYTES);
    expectedHash =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }

  /** The example of the distribution, without its master: spark-submit names it. */
  private JvmProcess train(int workers) throws IOException {
    Distribution distribution = Distribution.built();
    return CLUSTER
        .get()
        .submit(
            new Application(
                distribution.kindlingJar(),
                "dev.kindling.spark.cli.Main",
                "train",
                distribution.home().resolve("examples/digits-mlp.yaml").toString(),
                "--run-dir",
                runDirectory().toString(),
                "--verbose",
                "--set",
                "train.epochs=" + EPOCHS,
                "--set",
                "train.replicas=" + REPLICAS,
                "--set",
                "cluster.workers=" + workers));
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
