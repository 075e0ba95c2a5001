package dev.kindling.federated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Slice;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FederatedCheckpointsTest {
  @TempDir Path folder;

  static Stream<FederatedAlgorithm> algorithms() {
    return Stream.of(new FedAvg(), new FedAdam(0.01, 0.9, 0.99, 1e-3), new Scaffold(1));
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void aResumedRunHasTheBitsOfOneThatNeverStopped(FederatedAlgorithm algorithm) throws IOException {
    FederatedConfig config =
        Toy.digits(algorithm, new Participation(0.5, 1, 0.2), LocalTraining.of(1, 10));
    List<Slice> clients = Toy.clients();
    LocalFederation whole = new LocalFederation(config, clients, List.of());
    whole.fit();
    FederatedCheckpoints checkpoints = new FederatedCheckpoints(folder, 2);
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
    assertThat(folder.toFile().list()).hasSize(2);
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    FederatedConfig config = Toy.digits(new FedAvg(), Participation.of(1), LocalTraining.of(1, 0));
    LocalFederation run = new LocalFederation(config, Toy.clients(), List.of());
    FederatedCheckpoints checkpoints = new FederatedCheckpoints(folder, 3);
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
