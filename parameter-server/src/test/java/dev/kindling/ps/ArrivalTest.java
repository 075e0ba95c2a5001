package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.GradientSink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two workers on real sockets; one reads buckets of a version whose others are not made yet. */
class ArrivalTest {
  private static final long STEPS = 3;

  private final FakeTraining training = new FakeTraining(2_000, 2);
  private final Queue<Runnable> held = new ArrayDeque<>();
  private ParameterServer server;
  private ParameterClient early;
  private ParameterClient late;

  @BeforeEach
  void start() throws Exception {
    server =
        ParameterServer.of(training.run("arrival", STEPS), training.initial())
            .transport(Transport.SOCKET)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start();
    early = ParameterClients.open(server.location(), new Worker("early", 0, 1, 1));
    late = ParameterClients.open(server.location(), new Worker("late", 1, 2, 1));
    early.join();
    late.join();
  }

  @AfterEach
  void stop() {
    early.close();
    late.close();
    server.close();
  }

  /** Sends the first bucket at once and the others when they are asked for. */
  private GradientSink firstBucketOf(ParameterClient client) {
    return (step, bucket, lo, hi, sums, weight) -> {
      Runnable push = () -> client.push(step, bucket, lo, hi, sums, weight);
      if (bucket == 0) {
        push.run();
      } else {
        held.add(push);
      }
    };
  }

  @Test
  void aBucketIsReadBeforeTheOthersAreMadeAndNothingIsPushedBeforeAllAreHere() throws Exception {
    FakeTraining.Pusher earlyGradients = training.new Pusher(0, 1);
    FakeTraining.Pusher lateGradients = training.new Pusher(1, 2);
    earlyGradients.step(0, early.values(0), early);
    lateGradients.step(0, late.values(0), firstBucketOf(late));

    float[] arriving = early.arriving(1);
    early.await(0);
    assertThat(server.version()).isZero();
    int first = (int) server.location().buckets().to(0);
    assertThat(arriving).startsWith(Arrays.copyOf(training.expected(1), first));

    FutureTask<Void> pushing = new FutureTask<>(() -> step(early, arriving));
    Thread thread = new Thread(pushing);
    thread.start();
    await().atMost(Duration.ofSeconds(30)).until(() -> isWaiting(thread) || pushing.isDone());
    assertThat(server.version()).isZero();
    held.forEach(Runnable::run);
    lateGradients.step(1, late.values(1), late);
    pushing.get(30, TimeUnit.SECONDS);
    float[] expected = training.expected(2);
    assertThat(early.values(2)).containsExactly(expected);
    assertThat(late.values(2)).containsExactly(expected);
  }

  /** Pushes the first bucket at once: the client itself waits for the rest of the version. */
  private Void step(ParameterClient client, float[] values) {
    FakeTraining.Pusher gradients = training.new Pusher(0, 1);
    gradients.step(
        1,
        values,
        (step, bucket, lo, hi, sums, weight) -> {
          if (bucket == 0) {
            client.push(step, bucket, lo, hi, sums, weight);
          }
        });
    gradients.step(1, values, client);
    return null;
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING
        || thread.getState() == Thread.State.WAITING;
  }
}
