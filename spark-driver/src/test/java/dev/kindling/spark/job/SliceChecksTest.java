package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.StoredSlice;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.TrainingConfig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A start of the workers whose rows are not those of the first is refused. */
class SliceChecksTest {
  private static final int REPLICAS = 3;
  private static final RowFormat FORMAT =
      new RowFormat(List.of(2), ElementType.FLOAT32, Target.label(2), Normalisation.none());

  private static StoredSlice slice(int content) {
    byte[] row = new byte[FORMAT.length()];
    row[0] = (byte) content;
    return new SliceBuilder(FORMAT).append(row).build();
  }

  private static WorkerData data(int... contents) {
    List<StoredSlice> empty =
        Stream.generate(() -> (StoredSlice) new SliceBuilder(FORMAT).build())
            .limit(contents.length)
            .toList();
    return new WorkerData(
        java.util.Arrays.stream(contents).mapToObj(SliceChecksTest::slice).toList(), empty);
  }

  private static void start(ParameterServer server, int incarnation, int... contents)
      throws InterruptedException {
    Worker worker = new Worker("worker", 0, REPLICAS, incarnation);
    try (ParameterClient client = ParameterClients.open(server.location(), worker)) {
      client.join();
      SliceChecks.check(client, new Node(0, REPLICAS), REPLICAS, data(contents));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"IN_PROCESS", "SOCKET"})
  void rowsThatHaveChangedAreNamedByTheirReplica(Transport transport) throws Exception {
    TrainingConfig training =
        new TrainingConfig(
            new Linear(2, 2),
            new CrossEntropyLoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            3,
            1,
            REPLICAS,
            1);
    RunSpec run = new RunSpec("slices", training.tree(), training.update(9), 3);
    float[] values = FlatParameters.initialize(training.model(), 1);
    try (ParameterServer server =
        ParameterServer.of(run, values)
            .transport(transport)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      start(server, 1, 5, 6, 7);
      assertThatCode(() -> start(server, 2, 5, 6, 7)).doesNotThrowAnyException();
      assertThatThrownBy(() -> start(server, 3, 5, 8, 7))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("the training rows of replica 1 have the checksum")
          .hasMessageContaining("when the run began");
    }
  }
}
