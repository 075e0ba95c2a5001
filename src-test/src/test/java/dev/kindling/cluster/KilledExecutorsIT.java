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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of executors at random moments, {@code -Dkindling.kills} times (2 unless it is
 * set), then of a Worker with all it has, then of an executor of a cluster that has grown: the run
 * goes on with fewer workers and with more than at the start, to the bits of one process. Prints
 * {@code -Dkindling.seed} and the time from each kill to the next step.
 */
class KilledExecutorsIT {
  private static final int REPLICAS = 6;
  private static final int SLOTS = 4;
  private static final int KILLS = Integer.getInteger("kindling.kills", 2);

  /** A kill comes within this time after a step. */
  private static final int WINDOW_MILLIS = 500;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;
  private JvmProcess training;

  @Test
  void killsAtRandomMomentsCostNoStep() throws IOException, InterruptedException {
    long seed = Long.getLong("kindling.seed", System.nanoTime());
    System.out.printf("seed %d (-Dkindling.seed), %d kills%n", seed, KILLS);
    Random random = new Random(seed);
    String run = folder.resolve("run").toString();
    training =
        CLUSTER
            .get()
            .submit(
                DigitsRun.train(
                    run,
                    1_000_000,
                    REPLICAS,
                    SLOTS,
                    "cluster.workers=null", // as many as there are slots, now and after a loss
                    "cluster.max_restarts=" + (10 + KILLS)));
    awaitEvents("epoch", 1);
    for (int i = 0; i < KILLS; i++) {
      awaitBusy();
      Thread.sleep(random.nextInt(WINDOW_MILLIS)); // a moment that nothing announces
      List<ProcessHandle> executors = CLUSTER.get().executors();
      killed(() -> StandaloneCluster.kill(executors.get(random.nextInt(executors.size()))));
    }
    awaitBusy();
    killed(() -> CLUSTER.get().killWorker(0));
    assertThat(workersOfLastStart()).isEqualTo(2);
    long registered = registered();
    int large = CLUSTER.get().addWorker(REPLICAS);
    await("the executor of the added Worker")
        .atMost(ofMinutes(2))
        .until(() -> registered() > registered || !training.isAlive());
    killed(() -> StandaloneCluster.kill(CLUSTER.get().executorsOf(1).get(0)));
    assertThat(workersOfLastStart()).isEqualTo(REPLICAS);
    int epochs = interrupted();
    JvmProcess resumed =
        CLUSTER.get().submit(DigitsRun.resume(run, "train.epochs=" + epochs, "cluster.workers=3"));
    assertThat(resumed.awaitExit(ofMinutes(3))).as(resumed.log()).isZero();
    events("restart").forEach(System.out::println);
    assertThat(hash()).isEqualTo(DigitsInOneProcess.hash(epochs, REPLICAS));
    CLUSTER.get().killWorker(large); // the cluster as it was
    CLUSTER.get().addWorker(2);
    CLUSTER.get().awaitWorkers(2);
  }

  /**
   * Waits for two executors that both train. One that came too late for the last start has no
   * worker, and would not be missed: then both are killed, until both come in time.
   */
  private void awaitBusy() {
    awaitExecutors(2);
    while (!events("restart").isEmpty() && workersOfLastStart() < SLOTS) {
      killed(() -> CLUSTER.get().executors().forEach(StandaloneCluster::kill));
      awaitExecutors(2);
    }
  }

  private void awaitExecutors(int count) {
    await(count + " executors")
        .atMost(ofMinutes(2))
        .pollInterval(ofMillis(20))
        .until(() -> CLUSTER.get().executors().size() == count || !training.isAlive());
  }

  /** Ends the run after a checkpoint, and returns the epoch amid which that was. */
  private int interrupted() throws IOException {
    training.handle().destroy();
    training.awaitExit(ofMinutes(2));
    try (Stream<Path> steps = Files.list(folder.resolve("run/checkpoints"))) {
      int step =
          steps
              .filter(folder -> Files.exists(folder.resolve("COMMITTED")))
              .mapToInt(folder -> Integer.parseInt(folder.getFileName().toString().substring(5)))
              .max()
              .orElseThrow();
      return step / DigitsRun.STEPS + 1;
    }
  }

  private void killed(Runnable kill) {
    int before = events("recovered").size();
    long start = System.nanoTime();
    kill.run();
    await("the next step")
        .atMost(ofMinutes(2))
        .pollInterval(ofMillis(20))
        .until(() -> events("recovered").size() > before || !training.isAlive());
    assertThat(training.isAlive()).as(training.log()).isTrue();
    System.out.printf(
        Locale.ROOT, "from a kill to the next step: %.2f s%n", (System.nanoTime() - start) * 1e-9);
  }

  /** Executors that the driver has seen coming. */
  private long registered() {
    return training.log().lines().filter(line -> line.contains(": Registered executor ")).count();
  }

  private int workersOfLastStart() {
    List<JsonNode> starts = events("restart");
    return starts.get(starts.size() - 1).get("workers").asInt();
  }

  private void awaitEvents(String name, int count) {
    await(count + " events " + name)
        .atMost(ofMinutes(2))
        .pollInterval(ofMillis(20))
        .until(() -> events(name).size() >= count || !training.isAlive());
    assertThat(events(name)).as(training.log()).hasSizeGreaterThanOrEqualTo(count);
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
