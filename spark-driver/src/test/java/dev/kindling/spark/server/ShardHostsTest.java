package dev.kindling.spark.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.spark.server.ShardHosts.Host;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;

/** For whom the driver waits before it chooses where shards go. */
class ShardHostsTest {
  private static final long SECONDS = 60;

  private final ShardHosts hosts = new ShardHosts(TimeUnit.SECONDS.toNanos(SECONDS));

  private void ready(String executor) {
    hosts.ready(executor, new Address("machine-" + executor, 7));
  }

  private CompletableFuture<List<String>> awaiting(String... running) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return hosts.await(() -> List.of(running), SECONDS).stream()
                .map(Host::executor)
                .toList();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static List<String> of(CompletableFuture<List<String>> found) throws Exception {
    return found.get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void allThatAreThereMaySpeakFirst() throws Exception {
    ready("0");
    CompletableFuture<List<String>> found = awaiting("0", "1", "2");
    ready("1");
    hosts.unable("2", "no certificate");
    assertThat(of(found)).containsExactly("0", "1");
    assertThat(hosts.trouble()).isEqualTo("executor 2: no certificate");
  }

  @Test
  void thoseThatAreLostOrNotReachedArePassedOver() throws Exception {
    ready("0");
    ready("1");
    ready("2");
    hosts.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "0", "lost"));
    hosts.giveUp(new Host("1", new Address("machine-1", 7)), "nobody answers");
    assertThat(of(awaiting("1", "2"))).containsExactly("2");
    ready("3");
    assertThat(of(awaiting("1", "2", "3"))).containsExactly("2", "3");
  }

  @Test
  void whereNoneComesInTimeThereIsNone() throws Exception {
    assertThat(hosts.await(List::of, 0)).isEmpty();
  }

  /** Its plugin hangs, or it has gone and Spark does not know yet. */
  @Test
  void oneThatSaysNothingIsNotWaitedForWithoutEnd() throws Exception {
    ShardHosts impatient = new ShardHosts(1);
    impatient.ready("0", new Address("machine-0", 7));
    assertThat(impatient.await(() -> List.of("0", "silent"), SECONDS)).hasSize(1);
  }
}
