package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Parameters in the executors of two Workers, each with a share; one is killed: those that are
 * there then go on from the common checkpoint.
 */
class ExecutorShardsIT {
  private static final int REPLICAS = 4;
  private static final int EPOCHS = 12;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;

  @Test
  void anExecutorThatHoldsParametersMayBeKilled() throws IOException {
    Path run = folder.resolve("run");
    JvmProcess training =
        CLUSTER
            .get()
            .submit(
                DigitsRun.train(
                    run.toString(),
                    EPOCHS,
                    REPLICAS,
                    4,
                    "servers.placement=executors",
                    "checkpoint.path=" + folder.resolve("kept").toUri()));
    String executor =
        training.awaitLog(
            "the parameters are in executor \\d+ at \\S+ executor (\\d+) at", ofMinutes(2));
    await("a checkpoint of each share")
        .atMost(ofMinutes(2))
        .until(() -> IntStream.of(1, 2).allMatch(this::hasCheckpoint));
    StandaloneCluster.kill(process(executor));
    assertThat(training.awaitExit(ofMinutes(2))).isZero();
    assertThat(training.log()).contains("the parameters were lost too");
    assertThat(files("manifest-term-[2-9]")).isNotEmpty();
    String hash =
        new ObjectMapper()
            .readTree(run.resolve("summary.json").toFile())
            .get("parameters_sha256")
            .asText();
    assertThat(hash).isEqualTo(DigitsInOneProcess.hash(EPOCHS, REPLICAS));
  }

  private boolean hasCheckpoint(int share) {
    String own = "share-%d-of-2".formatted(share);
    return files("COMMITTED").stream().anyMatch(file -> file.toString().contains(own));
  }

  private List<Path> files(String name) {
    if (!Files.exists(folder.resolve("kept"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder.resolve("kept"))) {
      return files.filter(file -> file.getFileName().toString().matches(name)).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // a folder that was pruned meanwhile
    }
  }

  private static ProcessHandle process(String executor) {
    return CLUSTER.get().executors().stream()
        .filter(process -> isExecutor(process, executor))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isExecutor(ProcessHandle process, String id) {
    List<String> arguments = Arrays.asList(process.info().arguments().orElseThrow());
    return arguments.get(arguments.indexOf("--executor-id") + 1).equals(id);
  }
}
