package dev.kindling.ps.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.io.AtomicFile;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.transport.JvmServers;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {
  private static final int STEPS = 20;
  private final FakeTraining training = new FakeTraining(5_003, 4);
  private final RunSpec run = training.run("run-a", STEPS);
  @TempDir Path folder;

  private Checkpoints checkpoints() {
    return new Checkpoints(new LocalCheckpointStore(folder), run);
  }

  /** Trains to a step with two workers, a checkpoint at every fourth version. */
  private void train(ParameterServer.Builder from, Transport transport, long until)
      throws Exception {
    List<IOException> failures = new ArrayList<>();
    try (ParameterServer server =
        from.transport(transport)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .checkpoints(new LocalCheckpointStore(folder), 4, 2, failures::add)
            .start()) {
      FakeWorkers.run(training, server.location(), 2, 1, until);
    }
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"IN_PROCESS", "SOCKET"})
  void aResumedRunEndsWithTheSameBits(Transport transport) throws Exception {
    train(ParameterServer.of(run, training.initial()), transport, 14);
    Snapshot newest = checkpoints().newest().orElseThrow();
    assertThat(newest.version()).isEqualTo(12);
    assertThat(newest.values()).containsExactly(training.expected(12));
    train(ParameterServer.of(run, newest).term(2), transport, STEPS);
    Snapshot last = checkpoints().newest().orElseThrow();
    assertThat(last.version()).isEqualTo(STEPS);
    assertThat(last.values()).containsExactly(training.expected(STEPS));
  }

  @Test
  void theNewestStay() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    assertThat(checkpoints().committed()).containsExactly(20L, 16L);
  }

  @Test
  void oneOnRequestWhileStepsGoOn() throws Exception {
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .checkpoints(new LocalCheckpointStore(folder), 1_000, 3, e -> {})
            .start()) {
      var requested = server.checkpoint();
      FakeWorkers.run(training, server.location(), 2, 1, 5);
      assertThat(requested.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    }
    assertThat(checkpoints().read(2).values()).containsExactly(training.expected(2));
  }

  /** Writes nothing before it may. */
  private record StuckStore(CheckpointStore store, CountDownLatch mayWrite)
      implements CheckpointStore {
    @Override
    public void write(String path, AtomicFile.Content content) throws IOException {
      try {
        mayWrite.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException(path);
      }
      store.write(path, content);
    }

    @Override
    public InputStream open(String path) throws IOException {
      return store.open(path);
    }

    @Override
    public long size(String path) throws IOException {
      return store.size(path);
    }

    @Override
    public List<String> list(String of) throws IOException {
      return store.list(of);
    }

    @Override
    public void delete(String of) throws IOException {
      store.delete(of);
    }
  }

  private ShardStorage start() {
    float[][] zeros = new float[run.stateVectors()][training.length()];
    return new Snapshot(0, training.initial(), zeros).storage(run);
  }

  /** One is being written, one waits: of those after them the last is taken, and what is asked. */
  @Test
  void aStoreThatIsSlowerThanTheStepsHoldsUpTwo() throws Exception {
    StuckStore stuck = new StuckStore(new LocalCheckpointStore(folder), new CountDownLatch(1));
    ShardGroup shards = new ShardGroup(run, ShardShare.ALL, 1, start(), 0);
    ServerLocation location =
        new ServerLocation(
            run.id(),
            JvmServers.enter(shards),
            Transport.IN_PROCESS,
            List.of(),
            Secret.random(),
            run.buckets(),
            run.tree());
    try (CheckpointWriter writer =
        new CheckpointWriter(shards, stuck, 1, STEPS, version -> {}, e -> {}, 0)) {
      shards.listen(writer);
      FakeWorkers.run(training, location, 2, 1, 10);
      var requested = writer.request();
      FakeWorkers.run(training, location, 2, 2, STEPS);
      stuck.mayWrite.countDown();
      assertThat(requested.get(60, TimeUnit.SECONDS)).isEqualTo(12);
    } finally {
      stuck.mayWrite.countDown();
      JvmServers.leave(location.jvm());
    }
    assertThat(checkpoints().committed()).containsExactly(20L, 12L, 2L, 1L);
    assertThat(checkpoints().read(12).values()).containsExactly(training.expected(12));
  }

  @Test
  void whatIsNotCommittedIsNotRead() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    Files.delete(folder.resolve("step-20/COMMITTED"));
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(16);
  }

  @Test
  void aDamagedOneIsPassedOverAndTheLastOneIsAnError() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    damage("step-20");
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(16);
    damage("step-16");
    assertThatThrownBy(() -> checkpoints().newest())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("step-16/shard-0-term-1.safetensors")
        .hasMessageContaining("damaged");
  }

  @Test
  void aDamagedOneIsWrittenAgainWhenItsStepIsReached() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    damage("step-20");
    Snapshot sound = checkpoints().newest().orElseThrow();
    train(ParameterServer.of(run, sound).term(2), Transport.AUTO, STEPS);
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(20);
    assertThat(checkpoints().read(20).values()).containsExactly(training.expected(20));
  }

  @Test
  void oneThatHasLostAFileIsPassedOver() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    Files.delete(folder.resolve("step-20/shard-0-term-1.safetensors"));
    assertThat(checkpoints().newest().orElseThrow().version()).isEqualTo(16);
  }

  private void damage(String step) throws IOException {
    Path file = folder.resolve(step + "/shard-0-term-1.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void anotherRunIsRefused() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, STEPS);
    Checkpoints other =
        new Checkpoints(new LocalCheckpointStore(folder), training.run("run-b", STEPS));
    assertThatThrownBy(other::newest).hasMessageContaining("belongs to run run-a, not to run-b");
  }

  @Test
  void everyStartHasATermOfItsOwn() throws Exception {
    assertThat(checkpoints().nextTerm()).isEqualTo(1);
    assertThat(checkpoints().nextTerm()).isEqualTo(2);
    assertThat(checkpoints().newest()).isEmpty();
  }
}
