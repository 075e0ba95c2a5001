package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.optim.LAMB;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.wire.Begin;
import dev.kindling.train.ReplicaTree.Node;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Primaries and their standbys in processes of their own, one of which is killed with -9. */
class StandbyTest {
  private static final int STEPS = 120;
  private static final int EPOCH = 5;
  private static final int WORKERS = 2;
  private static final long KILLED_AT = 50;

  @TempDir private Path folder;
  private final FakeTraining training = new FakeTraining(3_001, 4);
  private final List<ServerProcess> servers = new ArrayList<>();
  private final List<Long> completed = new CopyOnWriteArrayList<>();
  private final Map<Long, float[]> evaluated = new ConcurrentSkipListMap<>();
  private final List<String> aborted = new CopyOnWriteArrayList<>();
  private final AtomicIntegerArray computed = new AtomicIntegerArray(STEPS);
  private final AtomicLong killed = new AtomicLong();
  private final AtomicLong wentOn = new AtomicLong();
  private volatile RunServer run;

  private List<Place> start(int count) throws Exception {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      servers.add(ServerProcess.start(folder.resolve("machine-" + servers.size())));
      places.add(servers.get(servers.size() - 1).place());
    }
    return places;
  }

  @AfterEach
  void close() {
    servers.forEach(ServerProcess::close);
  }

  private final class Ear implements ShardListener {
    @Override
    public void completed(long version) {
      completed.add(version);
    }

    @Override
    public void reduced(long key, double[] sums) {
      evaluated.put(key, run.evaluated());
    }

    @Override
    public void aborted(ParameterServerException cause) {
      aborted.add(cause.getMessage());
    }
  }

  @ParameterizedTest(name = "{0} shares")
  @ValueSource(ints = {1, 2})
  void aKilledPrimaryCostsNoStep(int shares) throws Exception {
    train(shares, 0);
    for (int step = 0; step < STEPS; step++) {
      assertThat(computed.get(step)).as("computations of step %d", step).isEqualTo(WORKERS);
    }
    System.out.printf(
        "%d shares: %.0f ms from the end of the primary to the next version%n",
        shares, (wentOn.get() - killed.get()) * 1e-6);
  }

  @Test
  void aKilledStandbyCostsNoStep() throws Exception {
    train(1, 1);
  }

  /** Trains while a server is killed, and compares all with a run in which nothing happens. */
  private void train(int shares, int victim) throws Exception {
    List<Place> primaries = start(shares);
    List<Place> standbys = start(shares);
    Begin begin = new Begin(training.run("covered", STEPS), 100, 1, false, true);
    try (RunServer begun =
        run =
            new RemoteServers(primaries, standbys, begin, training::initial, new Ear(), e -> {})) {
      ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
      List<Future<?>> workers = new ArrayList<>();
      for (int w = 0; w < WORKERS; w++) {
        int number = w;
        ServerLocation location = begun.location();
        workers.add(threads.submit(() -> work(location, number, servers.get(victim))));
      }
      for (Future<?> worker : workers) {
        worker.get(120, TimeUnit.SECONDS);
      }
      threads.shutdown();
      assertThat(begun.values()).containsExactly(training.expected(STEPS));
      await().atMost(Duration.ofSeconds(30)).until(() -> evaluated.containsKey((long) STEPS));
      assertThat(aborted).isEmpty();
    }
    assertThat(completed).isSorted().doesNotHaveDuplicates();
    for (long epoch = EPOCH; epoch <= STEPS; epoch += EPOCH) {
      assertThat(evaluated.get(epoch)).containsExactly(training.expected(epoch));
    }
  }

  /** Joins once, and never steps back. */
  private Void work(ServerLocation location, int number, ServerProcess victim) throws Exception {
    Node share = location.tree().shareOf(number, WORKERS);
    Worker worker = new Worker("worker " + number, share.lo(), share.hi(), 1);
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      for (long step = client.join(); ; step++) {
        float[] values = client.values(step);
        if (step == KILLED_AT + 1) {
          wentOn.compareAndSet(0, System.nanoTime());
        }
        if (step > 0 && step % EPOCH == 0) {
          double[][] sums = new double[worker.hi() - worker.lo()][];
          Arrays.fill(sums, new double[] {step});
          assertThat(client.reduce(step, sums)).containsExactly(4 * step);
        }
        if (step == STEPS) {
          return null;
        }
        computed.incrementAndGet((int) step);
        if (number == 0 && step == KILLED_AT) { // the others have sent their part of the step
          victim.kill();
          killed.set(System.nanoTime());
        }
        pusher.step(step, values, client);
      }
    }
  }

  @Test
  void whatHasNoStandbyYetIsRefusedByName() throws Exception {
    List<Place> primaries = start(1);
    List<Place> standbys = start(1);
    RunSpec whole = new FakeTraining(90, 4, new LAMB(0.1)).run("whole", STEPS);
    RunSpec stale = training.run("stale", STEPS).with(new BoundedStaleness(1));
    for (RunSpec refused : List.of(whole, stale)) {
      Begin begin = new Begin(refused, 100, 1, false);
      assertThatThrownBy(
              () ->
                  new RemoteServers(
                      primaries, standbys, begin, training::initial, new Ear(), e -> {}))
          .hasMessageContaining("has no standby yet")
          .hasMessageContaining("set servers.standbys to 0");
    }
  }
}
