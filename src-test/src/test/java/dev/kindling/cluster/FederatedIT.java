package dev.kindling.cluster;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Federated averaging on a cluster that loses an executor, with the clients it holds. */
class FederatedIT {
  private static final int ROUNDS = 60;

  @RegisterExtension static final ClusterExtension CLUSTER = ClusterExtension.shared(2, 2);

  @TempDir Path folder;

  @Test
  void givesTheBitsOfOneProcessWhenAnExecutorIsKilled() throws IOException {
    Path run = folder.resolve("run");
    JvmProcess submit = CLUSTER.get().submit(DigitsRun.federated(run.toString(), ROUNDS));
    submit.awaitLog("(?m)^ +(2) +10 of 10 +0\\.", ofMinutes(2)); // the second round's row
    StandaloneCluster.kill(CLUSTER.get().executors().get(0));
    assertThat(submit.awaitExit(ofMinutes(2))).as(submit.log()).isZero();
    assertThat(submit.log()).contains("Lost executor");
    assertThat(
            new ObjectMapper()
                .readTree(run.resolve("summary.json").toFile())
                .get("parameters_sha256")
                .asText())
        .isEqualTo(DigitsInOneProcess.federatedHash(ROUNDS));
  }
}
