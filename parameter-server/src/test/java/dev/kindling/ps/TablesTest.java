package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.nn.Initializer.Normal;
import dev.kindling.nn.RowStart;
import dev.kindling.optim.SGD;
import dev.kindling.ps.checkpoint.CheckpointException;
import dev.kindling.ps.checkpoint.Checkpoints;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.ps.checkpoint.Snapshot;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Row-sparse tables beside the dense vector. */
@Timeout(120)
class TablesTest {
  private static final int STEPS = 20;
  private final FakeTraining training = new FakeTraining(2_003, 4).withTables();
  private final RunSpec run = training.run("tables", STEPS);
  @TempDir Path folder;

  private static ParameterServer.Builder listening(
      ParameterServer.Builder builder, Transport transport) {
    return builder.transport(transport).listen("127.0.0.1", "127.0.0.1", 0);
  }

  private void assertTrained(ParameterServer server, long steps) {
    assertThat(server.version()).isEqualTo(steps);
    assertThat(server.values()).containsExactly(training.expected(steps));
    for (int table = 0; table < FakeTables.SPECS.size(); table++) {
      training.tables().assertTrained(table, server.table(table), steps);
    }
  }

  @ParameterizedTest(name = "{0} workers, {1}")
  @CsvSource({
    "1, in-process", "2, in-process", "3, in-process", "4, in-process",
    "1, socket", "2, socket", "3, socket", "4, socket"
  })
  void neitherWorkersNorTransportChangeTheRows(int workers, String transport) throws Exception {
    try (ParameterServer server =
        listening(ParameterServer.of(run, training.initial()), Transport.of(transport)).start()) {
      FakeWorkers.run(training, server.location(), workers, 1, STEPS);
      assertTrained(server, STEPS);
    }
  }

  /** The second start computes again what the first left unfinished, a step of one table maybe. */
  @ParameterizedTest
  @EnumSource(names = {"IN_PROCESS", "SOCKET"})
  void aNewStartOfTheWorkersChangesNothing(Transport transport) throws Exception {
    try (ParameterServer server =
        listening(ParameterServer.of(run, training.initial()), transport).start()) {
      FakeWorkers.run(training, server.location(), 3, 1, 7);
      leaveAStepHalfDone(server, 2);
      FakeWorkers.run(training, server.location(), 2, 3, STEPS);
      assertTrained(server, STEPS);
    }
  }

  /** One table takes the step that the other and the vector do not. */
  private static void leaveAStepHalfDone(ParameterServer server, int incarnation) throws Exception {
    Worker all = new Worker("killed", 0, 4, incarnation);
    try (ParameterClient client = ParameterClients.open(server.location(), all)) {
      long step = client.join();
      Node root = server.location().tree().root();
      SparseRows sum =
          FakeTables.sum(0, root, step, (keys, into) -> client.pullRows(step, 0, keys, into));
      client.pushRows(step, 0, 0, 4, sum, FakeTraining.WEIGHT * 4);
      await().until(() -> server.table(0).version() == step + 1);
      assertThat(server.version()).isEqualTo(step);
    }
  }

  private void train(ParameterServer.Builder from, Transport transport, int every, long until)
      throws Exception {
    List<IOException> failures = new ArrayList<>();
    try (ParameterServer server =
        listening(from, transport)
            .checkpoints(new LocalCheckpointStore(folder), every, 2, failures::add)
            .start()) {
      FakeWorkers.run(training, server.location(), 2, 1, until);
      assertTrained(server, until);
    }
    assertThat(failures).isEmpty();
  }

  private Checkpoints checkpoints(RunSpec of) {
    return new Checkpoints(new LocalCheckpointStore(folder), of);
  }

  @ParameterizedTest
  @EnumSource(names = {"IN_PROCESS", "SOCKET"})
  void aResumedRunEndsWithTheSameRows(Transport transport) throws Exception {
    train(ParameterServer.of(run, training.initial()), transport, 4, 14);
    Snapshot newest = checkpoints(run).newest().orElseThrow();
    assertThat(newest.version()).isEqualTo(12);
    training.tables().assertTrained(1, newest.tables().get(1), 12);
    train(ParameterServer.of(run, newest).term(2), transport, 1, STEPS);
    Snapshot last = checkpoints(run).newest().orElseThrow();
    training.tables().assertTrained(0, last.tables().get(0), STEPS);
    training.tables().assertTrained(1, last.tables().get(1), STEPS);
  }

  @Test
  void aDamagedTableIsNoticed() throws Exception {
    train(ParameterServer.of(run, training.initial()), Transport.AUTO, 4, STEPS);
    Path file = folder.resolve("step-20/table-1-term-1.rows");
    byte[] bytes = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] damaged = bytes.clone();
      damaged[i < 20 ? i : random.nextInt(bytes.length)] ^= 0x20;
      Files.write(file, i % 10 == 9 ? Arrays.copyOf(bytes, 4 * i) : damaged);
      assertThatThrownBy(() -> checkpoints(run).read(20)).isInstanceOf(CheckpointException.class);
      assertThat(checkpoints(run).newest().orElseThrow().version()).isEqualTo(16);
    }
    Files.write(file, bytes);
    RunSpec other = run.with(FakeTables.SPECS.subList(0, 1));
    assertThatThrownBy(() -> checkpoints(other).read(20))
        .hasMessageContaining("holds 2 tables; run tables has 1");
    RunSpec swapped = run.with(List.of(FakeTables.SPECS.get(1), FakeTables.SPECS.get(0)));
    assertThatThrownBy(() -> checkpoints(swapped).read(20))
        .hasMessageContaining("are no table 'places'");
  }

  /** Many rows need many messages. */
  @ParameterizedTest
  @EnumSource(names = {"IN_PROCESS", "SOCKET"})
  void rowsBeyondOneMessage(Transport transport) throws Exception {
    int width = 60;
    TableSpec spec =
        new TableSpec("wide", new RowStart(width, 1, 0, new Normal(0, 1)), new SGD(0.5));
    long[] keys = LongStream.range(-10_000, 10_000).map(i -> i * 1_000_003).toArray();
    float[] gradient = new float[keys.length * width];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = i % 1009;
    }
    RowTable plain = new RowTable(spec, 0);
    plain.apply(new SparseRows(width, keys, gradient), 1, 1);
    RunSpec wide = new FakeTraining(50, 1).run("wide", 2).with(List.of(spec));
    try (ParameterServer server =
            listening(ParameterServer.of(wide, new FakeTraining(50, 1).initial()), transport)
                .start();
        ParameterClient client =
            ParameterClients.open(server.location(), new Worker("one", 0, 1, 1))) {
      long step = client.join();
      float[] values = client.values(step);
      client.pushRows(step, 0, 0, 1, new SparseRows(width, keys, gradient), 1);
      for (int b = 0; b < wide.buckets().count(); b++) {
        client.push(step, b, 0, 1, new float[values.length], 1);
      }
      client.values(step + 1);
      float[] expected = new float[gradient.length];
      float[] actual = new float[gradient.length];
      plain.pull(1, keys, expected);
      client.pullRows(step + 1, 0, keys, actual);
      assertThat(actual).isEqualTo(expected);
      client.pullRows(step, 0, keys, actual); // the version before
      assertThat(actual).isNotEqualTo(expected);
    }
  }

  @Test
  void aTableThatIsNotThereIsRefused() throws Exception {
    try (ParameterServer server =
            listening(ParameterServer.of(run, training.initial()), Transport.SOCKET).start();
        ParameterClient client =
            ParameterClients.open(server.location(), new Worker("one", 0, 4, 1))) {
      long step = client.join();
      assertThatThrownBy(() -> client.pullRows(step, 0, new long[] {1}, new float[4]))
          .isInstanceOf(ParameterServerException.class)
          .hasMessageContaining("table 0 with rows of 4 is not here");
    }
    assertThatThrownBy(() -> ParameterServer.of(skipping(), training.initial()).start())
        .hasMessageContaining("table words needs a rule");
  }

  private RunSpec skipping() {
    return new RunSpec("skip", run.tree(), run.update(), STEPS, NonFinite.SKIP)
        .with(FakeTables.SPECS);
  }

  @Test
  void aGradientOfRowsThatIsNotFiniteStopsTheRun() throws Exception {
    try (ParameterServer server =
            listening(ParameterServer.of(run, training.initial()), Transport.SOCKET).start();
        ParameterClient client =
            ParameterClients.open(server.location(), new Worker("one", 0, 4, 1))) {
      long step = client.join();
      float[] bad = {0, 0, Float.NaN, 0, 0};
      client.pushRows(step, 0, 0, 4, new SparseRows(5, new long[] {7}, bad), 1);
      assertThatThrownBy(() -> client.values(step + 1))
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              e -> assertThat(e.reason()).isEqualTo(ParameterServerException.Reason.DIVERGED))
          .hasMessageContaining("table words is not finite");
      assertThat(server.table(0).version()).isZero();
    }
  }
}
