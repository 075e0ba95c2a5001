package dev.kindling.cluster;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of executors at random moments, {@code -Dkindling.kills} times (2 unless it is
 * set), then of a Worker with all it has: the run goes on to the bits of one process. Prints {@code
 * -Dkindling.seed} and the time from each kill to the next step.
 */
class KilledExecutorsIT {
  private static final int REPLICAS = 4;
  private static final int KILLS = Integer.getInteger("kindling.kills", 2);
  private static final int EPOCHS = 6 * KILLS + 8;

  /** A kill comes within this time after a step. */
  private static final int WINDOW_MILLIS = 500;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;
  private JvmProcess training;
  private final List<Double> seconds = new ArrayList<>();

  @Test
  void killsAtRandomMomentsCostNoStep() throws IOException, InterruptedException {
    long seed = Long.getLong("kindling.seed", System.nanoTime());
    System.out.printf("seed %d (-Dkindling.seed), %d kills%n", seed, KILLS);
    Random random = new Random(seed);
    training =
        CLUSTER
            .get()
            .submit(
                DigitsRun.train(
                    folder.resolve("run").toString(),
                    EPOCHS,
                    REPLICAS,
                    4,
                    "cluster.max_restarts=" + (10 + KILLS)));
    awaitEvents("epoch", 1);
    while (seconds.size() < KILLS && training.isAlive()) {
      Thread.sleep(random.nextInt(WINDOW_MILLIS)); // a moment that nothing announces
      List<ProcessHandle> executors = CLUSTER.get().executors();
      if (executors.size() == 2) {
        killed(() -> StandaloneCluster.kill(executors.get(random.nextInt(executors.size()))));
      }
    }
    int restarts = events("restart").size();
    CLUSTER.get().killWorker(0);
    boolean isFewer = awaitEvents("restart", restarts + 1);
    CLUSTER.get().addWorker(2);
    assertThat(training.awaitExit(ofMinutes(3))).isZero();
    seconds.forEach(
        s -> System.out.printf(Locale.ROOT, "from a kill to the next step: %.2f s%n", s));
    assertThat(seconds).isNotEmpty();
    events("restart").forEach(System.out::println);
    assertThat(hash()).isEqualTo(DigitsInOneProcess.hash(EPOCHS, REPLICAS));
    if (isFewer) {
      assertThat(events("restart").get(restarts).get("workers").asInt()).isEqualTo(2);
    }
  }

  private void killed(Runnable kill) {
    int before = events("recovered").size();
    long start = System.nanoTime();
    kill.run();
    if (awaitEvents("recovered", before + 1)) {
      seconds.add((System.nanoTime() - start) * 1e-9);
    }
  }

  /** Returns whether there are so many before the run has ended. */
  private boolean awaitEvents(String name, int count) {
    await(count + " events " + name)
        .atMost(ofMinutes(2))
        .pollInterval(ofMillis(20))
        .until(() -> events(name).size() >= count || !training.isAlive());
    return events(name).size() >= count;
  }

  private List<JsonNode> events(String name) {
    Path file = folder.resolve("run/metrics.jsonl");
    List<JsonNode> events = new ArrayList<>();
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        JsonNode event = new ObjectMapper().readTree(line);
        if (event.path("event").asText().equals(name)) {
          events.add(event);
        }
      }
    } catch (IOException e) {
      return events; // a line that is being written
    }
    return events;
  }

  private String hash() throws IOException {
    return new ObjectMapper()
        .readTree(folder.resolve("run/summary.json").toFile())
        .get("parameters_sha256")
        .asText();
  }
}
