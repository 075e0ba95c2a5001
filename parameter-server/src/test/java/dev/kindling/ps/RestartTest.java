package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.server.ParameterServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers are started anew, in other numbers, while those before still run. */
class RestartTest {
  private static final int STEPS = 1_600;

  @ParameterizedTest
  @CsvSource({"in-process, 1", "in-process, 2", "in-process, 3", "socket, 4", "socket, 5"})
  void startsThatOverlapChangeNothing(String transport, long seed) throws Exception {
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    FakeTraining training = new FakeTraining(1_001, 4);
    RunSpec run = training.run("restarts", STEPS);
    ExecutorService starts = Executors.newCachedThreadPool();
    try (ParameterServer server =
        ParameterServer.of(run, training.initial())
            .transport(Transport.of(transport))
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      List<Future<?>> all = new ArrayList<>();
      for (int start = 1; start <= 6; start++) {
        int incarnation = start;
        int workers = 1 + random.nextInt(4);
        long until = Math.min(STEPS, server.version() + random.nextInt(300));
        all.add(
            starts.submit(
                () -> {
                  FakeWorkers.run(training, server.location(), workers, incarnation, STEPS);
                  return null;
                }));
        await().pollInterval(Duration.ofMillis(1)).until(() -> server.version() >= until);
      }
      all.get(all.size() - 1).get(60, TimeUnit.SECONDS);
      for (Future<?> earlier : all.subList(0, all.size() - 1)) {
        assertShutOut(earlier);
      }
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    } finally {
      starts.shutdownNow();
    }
  }

  /** It ended because of the later start, or was done before that. */
  private static void assertShutOut(Future<?> start) throws Exception {
    try {
      start.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e;
      while (cause != null && !(cause instanceof ParameterServerException)) {
        cause = cause.getCause();
      }
      assertThat(cause)
          .isInstanceOfSatisfying(
              ParameterServerException.class,
              p -> assertThat(p.reason()).isEqualTo(Reason.STALE_INCARNATION));
    }
  }
}
