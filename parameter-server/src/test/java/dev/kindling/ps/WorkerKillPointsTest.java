package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.train.GradientSink;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One of two workers is gone at a named point of a step; a new start of all of them goes on. */
class WorkerKillPointsTest {
  private static final int STEPS = 12;
  private static final int KILLED_AT = 5;

  /** Where in its step a worker is killed. */
  enum Point {
    BEFORE_PUSH(0),
    BETWEEN_BUCKETS(3),
    AFTER_PUSH_BEFORE_THE_REPLY(Integer.MAX_VALUE);

    private final int pushes;

    Point(int pushes) {
      this.pushes = pushes;
    }
  }

  private final FakeTraining training = new FakeTraining(3_001, 4);

  /** Works up to a step, pushes a part of it, and is gone. */
  private Void workAndDie(ServerLocation location, int lo, int hi, int pushes) throws Exception {
    FakeTraining.Pusher pusher = training.new Pusher(lo, hi);
    Worker worker = new Worker("worker " + lo, lo, hi, 1);
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      long step = client.join();
      for (; step < KILLED_AT; step++) {
        pusher.step(step, client.values(step), client);
      }
      int[] left = {pushes};
      GradientSink dying =
          (s, bucket, l, h, sums, weight) -> {
            if (left[0]-- > 0) {
              client.push(s, bucket, l, h, sums, weight);
            }
          };
      pusher.step(step, client.values(step), dying);
    }
    return null;
  }

  private ParameterServer server(Policy policy) {
    return ParameterServer.of(training.run("killed", STEPS).with(policy), training.initial())
        .transport(Transport.SOCKET)
        .listen("127.0.0.1", "127.0.0.1", 0)
        .start();
  }

  private void killOneOfTwo(ParameterServer server, Point point) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Void> whole =
          threads.submit(() -> workAndDie(server.location(), 0, 2, Integer.MAX_VALUE));
      Future<Void> killed = threads.submit(() -> workAndDie(server.location(), 2, 4, point.pushes));
      whole.get(60, TimeUnit.SECONDS);
      killed.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(Point.class)
  void synchronousStepsGoOnToTheSameBits(Point point) throws Exception {
    try (ParameterServer server = server(new Synchronous())) {
      killOneOfTwo(server, point);
      FakeWorkers.run(training, server.location(), 3, 2, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  @ParameterizedTest
  @EnumSource(Point.class)
  void aBoundOfZeroGoesOnToTheSameBits(Point point) throws Exception {
    try (ParameterServer server = server(new BoundedStaleness(0))) {
      killOneOfTwo(server, point);
      FakeWorkers.run(training, server.location(), 3, 2, STEPS);
      assertThat(server.values()).containsExactly(training.expected(STEPS));
    }
  }

  @ParameterizedTest
  @EnumSource(Point.class)
  void asynchronousStepsGoOnToTheEnd(Point point) throws Exception {
    try (ParameterServer server = server(new Asynchronous())) {
      killOneOfTwo(server, point);
      FakeWorkers.run(training, server.location(), 2, 2, STEPS);
      assertThat(server.version()).isEqualTo(STEPS);
    }
  }
}
