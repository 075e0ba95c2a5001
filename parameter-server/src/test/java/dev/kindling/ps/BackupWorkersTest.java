package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several workers compute the same replicas: the first counts, the bits stay. */
class BackupWorkersTest {
  private static final int STEPS = 100;
  private static final int[][] RANGES = {{0, 4}, {0, 2}, {2, 4}, {1, 3}, {3, 4}, {0, 1}};

  private final FakeTraining training = new FakeTraining(1_001, 4);

  private Void work(ServerLocation location, int number, long seed) throws InterruptedException {
    int[] range = RANGES[number];
    SplittableRandom random = new SplittableRandom(seed + number);
    FakeTraining.Pusher pusher = training.new Pusher(range[0], range[1]);
    Worker worker = new Worker("worker " + number, range[0], range[1], 1);
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); step < STEPS; step = client.next(step)) {
        float[] values = client.values(step);
        if (random.nextInt(4) == 0) {
          Thread.yield();
        }
        pusher.step(step, values, client);
      }
      client.values(STEPS);
    }
    return null;
  }

  @ParameterizedTest
  @CsvSource({"in-process, 1", "in-process, 2", "socket, 3", "socket, 4"})
  void theFirstArrivalCounts(String transport, long seed) throws Exception {
    System.out.println("seed " + seed);
    ExecutorService threads = Executors.newFixedThreadPool(RANGES.length);
    try (ParameterServer server = server(transport)) {
      CompletionService<Void> all = new ExecutorCompletionService<>(threads);
      for (int w = 0; w < RANGES.length; w++) {
        int number = w;
        all.submit(() -> work(server.location(), number, seed));
      }
      for (int w = 0; w < RANGES.length; w++) {
        Future<Void> ended = all.poll(30, TimeUnit.SECONDS);
        assertThat(ended).as("the end of worker number %d", w).isNotNull();
        ended.get();
      }
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    } finally {
      threads.shutdownNow();
    }
  }

  private ParameterServer server(String transport) {
    return ParameterServer.of(training.run("backups", STEPS), training.initial())
        .transport(Transport.of(transport))
        .listen("127.0.0.1", "127.0.0.1", 0)
        .start();
  }

  /** A worker that stands still in the middle of a step finds its way when it goes on. */
  @ParameterizedTest
  @CsvSource({"in-process", "socket"})
  void aWorkerThatStandsStillIsOvertaken(String transport) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CountDownLatch done = new CountDownLatch(1);
    try (ParameterServer server = server(transport)) {
      Future<Long> slow =
          threads.submit(
              () -> {
                Worker worker = new Worker("slow", 0, 4, 1);
                try (ParameterClient client = ParameterClients.open(server.location(), worker)) {
                  FakeTraining.Pusher pusher = training.new Pusher(0, 4);
                  float[] values = client.values(client.join()).clone();
                  done.await();
                  pusher.step(0, values, client);
                  long next = client.next(0);
                  while (next < STEPS) { // what made it late may still be on its way
                    client.values(next);
                    next = client.next(next);
                  }
                  client.values(STEPS);
                  return next;
                }
              });
      work(server.location(), 0, 1);
      done.countDown();
      assertThat(slow.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    } finally {
      threads.shutdownNow();
    }
  }
}
