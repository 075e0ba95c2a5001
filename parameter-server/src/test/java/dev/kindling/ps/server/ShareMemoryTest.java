package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.wire.Begin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process with a quarter of the buckets, in a heap that has no room for the whole model under
 * Adam: two versions and two vectors of state are 64 MB.
 */
class ShareMemoryTest {
  private static final int SERVERS = 4;
  private static final int PARAMETERS = 4_000_000;
  private static final String HEAP = "-Xmx72m";
  private static final int STEPS = 3;

  @TempDir private Path folder;
  private final FakeTraining training = new FakeTraining(PARAMETERS, 2);
  private final List<AutoCloseable> servers = new ArrayList<>();

  /** The first in a JVM of its own, the others in this one. */
  private List<Place> start() throws Exception {
    List<Place> places = new ArrayList<>();
    ServerProcess small = ServerProcess.start(folder.resolve("small"), HEAP, "-XX:+UseSerialGC");
    servers.add(small);
    places.add(small.place());
    for (int i = 1; i < SERVERS; i++) {
      Path own = folder.resolve("machine-" + i);
      StandaloneServer server =
          new StandaloneServer(
              small.place().secret(),
              "127.0.0.1",
              0,
              1,
              null,
              Optional.of(CheckpointStores.below(own)));
      servers.add(server);
      places.add(ServerProcess.place(server.port()));
    }
    return places;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable server : servers) {
      server.close();
    }
    servers.clear();
  }

  private RemoteServers begin(boolean resume) throws Exception {
    RunSpec run = training.run("packed", STEPS);
    Begin begin = new Begin(run, 2, 1, resume);
    return new RemoteServers(
        start(), List.of(), begin, training::initial, new ShardListener() {}, e -> {});
  }

  @Test
  void aProcessHoldsAndKeepsNoMoreThanItsBuckets() throws Exception {
    Path kept = folder.resolve("small/checkpoints/packed/share-1-of-4/step-2");
    try (RemoteServers run = begin(false)) {
      FakeWorkers.run(training, run.location(), 2, 1, 2);
      assertThat(Arrays.mismatch(run.values(), training.expected(2))).isEqualTo(-1);
      await().until(() -> Files.exists(kept.resolve("COMMITTED")));
    }
    long share = (PARAMETERS / SERVERS + (1 << 18)) * (long) Float.BYTES;
    assertThat(Files.size(kept.resolve("shard-0-term-1.safetensors"))).isLessThan(3 * share);
    close();
    try (RemoteServers run = begin(true)) {
      assertThat(run.version()).isEqualTo(2);
      FakeWorkers.run(training, run.location(), 2, 1, STEPS);
      assertThat(Arrays.mismatch(run.values(), training.expected(STEPS))).isEqualTo(-1);
    }
  }
}
