package dev.kindling.spark.federated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.Slice;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.LocalFederation;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.Dirichlet;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FederatedCheckpointsTest {
  private static final long SEED = 5;

  @TempDir Path folder;

  private static List<Slice> clients() {
    return ClientSlices.of(
        SyntheticDigits.train(Normalisation.pixels(0.1307, 0.3081)).range(0, 300),
        new Dirichlet(0.5),
        12,
        SEED);
  }

  private static FederatedConfig config(
      FederatedAlgorithm algorithm, Participation participation, LocalTraining local) {
    return new FederatedConfig(
        new Sequential(new Flatten(), new Linear(784, 10)),
        new CrossEntropyLoss(),
        new SGD(0.1),
        new Schedule.Constant(),
        algorithm,
        5,
        participation,
        local,
        null,
        SEED);
  }

  /** Any file system that Hadoop knows: here it mounts a folder. */
  private CheckpointStore hadoop() throws IOException {
    return new HadoopCheckpointStore(folder.toUri().toString(), new Configuration());
  }

  static Stream<FederatedAlgorithm> algorithms() {
    return Stream.of(new FedAvg(), new FedAdam(0.01, 0.9, 0.99, 1e-3), new Scaffold(1));
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void aResumedRunHasTheBitsOfOneThatNeverStopped(FederatedAlgorithm algorithm) throws IOException {
    FederatedConfig config =
        config(algorithm, new Participation(0.5, 1, 0.2), LocalTraining.of(1, 10));
    List<Slice> clients = clients();
    LocalFederation whole = new LocalFederation(config, clients, List.of());
    whole.fit();
    FederatedCheckpoints checkpoints = new FederatedCheckpoints(hadoop(), 2);
    LocalFederation first = new LocalFederation(config, clients, List.of());
    for (int i = 0; i < 3; i++) {
      first.round();
      checkpoints.write(first.server().snapshot());
    }
    FederatedServer server =
        FederatedServer.of(config, clients.size(), checkpoints.newest().orElseThrow());
    assertThat(server.round()).isEqualTo(3);
    LocalFederation second = new LocalFederation(config, clients, List.of(), server);
    second.fit();
    assertThat(second.server().values()).containsExactly(whole.server().values());
    assertThat(hadoop().list("")).hasSize(2);
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    FederatedConfig config = config(new FedAvg(), Participation.of(1), LocalTraining.of(1, 0));
    LocalFederation run = new LocalFederation(config, clients(), List.of());
    FederatedCheckpoints checkpoints =
        new FederatedCheckpoints(new LocalCheckpointStore(folder), 3);
    assertThat(checkpoints.newest()).isEmpty();
    for (int i = 0; i < 3; i++) {
      run.round();
      checkpoints.write(run.server().snapshot());
    }
    change(folder.resolve("round-000003.safetensors"), 2000);
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("round-000002.safetensors").toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    assertThat(checkpoints.newest().orElseThrow().round()).isEqualTo(1);
  }

  private static void change(Path path, long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 1);
    }
  }
}
