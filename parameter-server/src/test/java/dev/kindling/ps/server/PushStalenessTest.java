package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.FakeWorkers;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How old the values were that each gradient was computed with, as {@code /metrics} tells it. */
class PushStalenessTest {
  private static final int STEPS = 12;

  private final FakeTraining training = new FakeTraining(1_001, 4);
  private final RunMetrics metrics = new RunMetrics(System::nanoTime);

  private ParameterServer server(String transport, RunSpec run) {
    return ParameterServer.of(run, training.initial())
        .transport(Transport.of(transport))
        .listen("127.0.0.1", "127.0.0.1", 0)
        .listener(metrics)
        .start();
  }

  private long number(ParameterServer server, String name) {
    String line =
        metrics.text(server).lines().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
    return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
  }

  private void awaitCount(ParameterServer server, long pushes) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> number(server, "kindling_push_staleness_count") == pushes);
  }

  private long within(ParameterServer server, int bound) {
    return number(server, "kindling_push_staleness_bucket{le=\"%d\"}".formatted(bound));
  }

  private static int buckets(ParameterServer server) {
    return server.location().buckets().count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void noneWhereAllWaitForEachOther(String transport) throws Exception {
    try (ParameterServer server = server(transport, training.run("synchronous", STEPS))) {
      FakeWorkers.run(training, server.location(), 2, 1, STEPS);
      long pushes = 2L * STEPS * buckets(server);
      awaitCount(server, pushes);
      assertThat(within(server, 0)).isEqualTo(pushes);
      assertThat(number(server, "kindling_push_staleness_sum")).isZero();
    }
  }

  /** Half of the replicas run ahead with the first values; then both go on as they come. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void atMostTheBoundWhereWorkersRunAhead(String transport) throws Exception {
    int bound = 3;
    RunSpec run = training.run("stale", STEPS).with(new BoundedStaleness(bound));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (ParameterServer server = server(transport, run);
        ParameterClient ahead = client(server, 0, 2);
        ParameterClient behind = client(server, 2, 4)) {
      long[] sum = new long[2];
      FakeTraining.Pusher first = training.new Pusher(0, 2);
      long begins = ahead.join();
      behind.join();
      for (long step = begins; step < bound; step++) {
        first.step(step, ahead.recent(step), ahead);
        sum[0] += step - ahead.read();
      }
      assertThat(sum[0]).isEqualTo(0 + 1 + 2);
      awaitCount(server, 3L * buckets(server));
      assertThat(number(server, "kindling_push_staleness_sum")).isEqualTo(3L * buckets(server));
      List<Future<Long>> both =
          List.of(
              threads.submit(() -> work(ahead, first, bound)),
              threads.submit(() -> work(behind, training.new Pusher(2, 4), 0)));
      long total = sum[0];
      for (Future<Long> one : both) {
        total += one.get(60, TimeUnit.SECONDS);
      }
      long pushes = 2L * STEPS * buckets(server);
      awaitCount(server, pushes);
      assertThat(within(server, bound)).isEqualTo(pushes);
      assertThat(number(server, "kindling_push_staleness_sum")).isEqualTo(total * buckets(server));
    } finally {
      threads.shutdownNow();
    }
  }

  private static ParameterClient client(ParameterServer server, int lo, int hi) {
    return ParameterClients.open(server.location(), new Worker("worker " + lo, lo, hi, 1));
  }

  private static long work(ParameterClient client, FakeTraining.Pusher pusher, long from)
      throws InterruptedException {
    long sum = 0;
    for (long step = from; step < STEPS; step++) {
      pusher.step(step, client.recent(step), client);
      sum += step - client.read();
    }
    return sum;
  }

  /** One of two workers reads, the other brings three steps, then the first brings its own. */
  @ParameterizedTest
  @ValueSource(strings = {"in-process", "socket"})
  void asManyAsWereAppliedMeanwhileWhereNobodyWaits(String transport) throws Exception {
    RunSpec run = training.run("asynchronous", STEPS).with(new Asynchronous());
    try (ParameterServer server = server(transport, run);
        ParameterClient late = client(server, 0, 2);
        ParameterClient quick = client(server, 2, 4)) {
      late.join();
      quick.join();
      float[] old = late.recent(0);
      FakeTraining.Pusher pusher = training.new Pusher(2, 4);
      for (long step = 0; step < 3; step++) {
        pusher.step(step, quick.recent(step), quick);
        awaitCount(server, (step + 1) * buckets(server));
      }
      assertThat(within(server, 0)).isEqualTo(3L * buckets(server));
      training.new Pusher(0, 2).step(0, old, late);
      awaitCount(server, 4L * buckets(server));
      long versions = 3 * 2 / 4; // gradients of two replicas each, of which four are a step
      assertThat(within(server, 0)).isEqualTo(3L * buckets(server));
      assertThat(number(server, "kindling_push_staleness_sum"))
          .isEqualTo(versions * buckets(server));
    }
  }
}
