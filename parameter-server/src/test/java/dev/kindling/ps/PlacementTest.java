package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.server.ParameterServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  private static final int STEPS = 23;
  private static final int REPLICAS = 4;

  @ParameterizedTest(name = "{0} workers, {1}")
  @CsvSource({
    "1, in-process", "2, in-process", "3, in-process", "4, in-process",
    "1, socket", "2, socket", "3, socket", "4, socket"
  })
  void neitherWorkersNorTransportChangeTheBits(int workers, String transport) throws Exception {
    FakeTraining training = new FakeTraining(10_007, REPLICAS);
    RunSpec run = training.run("placement", STEPS);
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      FakeWorkers.run(training, server.location(), workers, 1, STEPS);
      assertThat(server.version()).isEqualTo(STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }
}
