package dev.kindling.cluster;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself: Master, Workers, executors and a driver, each a JVM of its own. */
class StandaloneClusterIT {
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension(2, 1);

  @TempDir Path folder;
  private Application gatedSum;

  @BeforeEach
  void writeApplication() throws IOException {
    Path jar = ClassesJar.write(folder.resolve("application.jar"), GatedSum.class);
    gatedSum = new Application(jar, GatedSum.class.getName(), folder.toString(), "2");
  }

  @Test
  void runsAnApplicationOnAnExecutorOfEachWorker() throws IOException {
    JvmProcess submit = CLUSTER.get().submit(gatedSum);
    awaitFiles("task-0-attempt-0", "task-1-attempt-0");
    assertThat(CLUSTER.get().runningApplications()).containsExactly("gated-sum");
    assertThat(CLUSTER.get().executorsOf(0)).hasSize(1);
    assertThat(CLUSTER.get().executorsOf(1)).hasSize(1);
    assertThat(Files.readString(folder.resolve("task-0-attempt-0")))
        .isNotEqualTo(Files.readString(folder.resolve("task-1-attempt-0")));
    letGo();
    assertThat(submit.awaitExit(ofSeconds(60))).isZero();
    assertThat(submit.log()).contains("sum=499500");
  }

  @Test
  void survivesTheKillingOfAnExecutor() throws IOException {
    JvmProcess submit = CLUSTER.get().submit(gatedSum);
    awaitFiles("task-0-attempt-0", "task-1-attempt-0");
    List<ProcessHandle> before = CLUSTER.get().executors();
    StandaloneCluster.kill(processOf("task-0-attempt-0"));
    letGo();
    awaitFiles("task-0-attempt-1");
    assertThat(submit.awaitExit(ofSeconds(60))).isZero();
    assertThat(submit.log()).contains("sum=499500");
    assertThat(before).hasSize(2).noneMatch(ProcessHandle::isAlive);
  }

  private void awaitFiles(String... names) {
    for (String name : names) {
      await(name).atMost(ofSeconds(60)).until(() -> Files.exists(folder.resolve(name)));
    }
  }

  private ProcessHandle processOf(String task) throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve(task)))).orElseThrow();
  }

  private void letGo() throws IOException {
    Files.createFile(folder.resolve("go"));
  }
}
