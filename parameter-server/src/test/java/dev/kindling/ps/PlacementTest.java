package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
  private static final int STEPS = 23;
  private static final int REPLICAS = 4;

  @ParameterizedTest(name = "{0} workers, {1}")
  @CsvSource({
    "1, in-process", "2, in-process", "3, in-process", "4, in-process",
    "1, socket", "2, socket", "3, socket", "4, socket"
  })
  void neitherWorkersNorTransportChangeTheBits(int workers, String transport) throws Exception {
    check(new FakeTraining(10_007, REPLICAS), workers, transport);
  }

  @ParameterizedTest(name = "{0} workers, {1}, {2}")
  @CsvSource({
    "1, in-process, BFLOAT16", "2, in-process, BFLOAT16", "4, in-process, BFLOAT16",
    "1, socket, BFLOAT16", "2, socket, BFLOAT16", "4, socket, BFLOAT16",
    "1, in-process, FLOAT16", "2, in-process, FLOAT16", "4, in-process, FLOAT16",
    "1, socket, FLOAT16", "2, socket, FLOAT16", "4, socket, FLOAT16"
  })
  void norDoTheyWhereWhatTravelsIsRounded(int workers, String transport, FloatFormat wire)
      throws Exception {
    FakeTraining training = new FakeTraining(10_007, REPLICAS, new Adam(0.01), wire);
    check(training, workers, transport);
    assertThat(training.expected(STEPS))
        .isNotEqualTo(new FakeTraining(10_007, REPLICAS).expected(STEPS));
  }

  @Test
  void aRuleOfTheWholeGradientMeasuresWhatIsRounded() throws Exception {
    Optimizer clipped = new LAMB(0.01);
    check(new FakeTraining(10_007, REPLICAS, clipped, FloatFormat.BFLOAT16), 2, "socket");
    check(new FakeTraining(10_007, REPLICAS, clipped, FloatFormat.BFLOAT16), 3, "in-process");
  }

  @Test
  void aWorkerThatRoundsOtherwiseIsRefused() {
    FakeTraining training = new FakeTraining(1_000, 2, new Adam(0.01), FloatFormat.BFLOAT16);
    try (ParameterServer server =
        ParameterServer.of(training.run("placement", STEPS), training.initial())
            .transport(Transport.SOCKET)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      ServerLocation right = server.location();
      ServerLocation wrong =
          new ServerLocation(
              right.run(),
              right.jvm(),
              right.transport(),
              right.addresses(),
              right.secret(),
              right.buckets(),
              right.tree());
      assertThatThrownBy(() -> FakeWorkers.run(training, wrong, 1, 1, STEPS))
          .hasMessageContaining("FLOAT32; the server of run placement rounds to BFLOAT16");
    }
  }

  private static void check(FakeTraining training, int workers, String transport) throws Exception {
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

  /** Histograms of a model of a thousand tensors are a vector of so many numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void longVectorsAreAddedUp(String transport) throws Exception {
    FakeTraining training = new FakeTraining(1_001, 4);
    try (ParameterServer server =
        ParameterServer.of(training.run("sums", 1), training.initial())
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      Worker worker = new Worker("a", 0, 4, 1);
      try (ParameterClient client = ParameterClients.open(server.location(), worker)) {
        client.join();
        double[][] replicas = new double[4][131_000];
        for (double[] replica : replicas) {
          Arrays.fill(replica, 0.5);
        }
        assertThat(client.reduce(0, replicas)).hasSize(131_000).containsOnly(2);
      }
    }
  }
}
