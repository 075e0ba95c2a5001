package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.ps.FakeTables;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.TestCertificate;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.RemoteServer.Place;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.wire.Begin;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree.Node;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Primaries and their standbys in processes of their own, one of which is killed with -9. */
class StandbyTest {
  private static final int STEPS = 120;
  private static final int MANY_STEPS = 600;
  private static final int EPOCH = 5;
  private static final int WORKERS = 2;
  private static final long KILLED_AT = 50;

  @TempDir private Path folder;
  private FakeTraining training = new FakeTraining(3_001, 4);
  private final List<Machine> servers = new ArrayList<>();
  private final List<Long> completed = new CopyOnWriteArrayList<>();
  private final Map<Long, float[]> evaluated = new ConcurrentSkipListMap<>();
  private final List<String> aborted = new CopyOnWriteArrayList<>();
  private AtomicIntegerArray computed;
  private final AtomicLong killed = new AtomicLong();
  private final AtomicLong wentOn = new AtomicLong();
  private volatile RemoteServers run;

  /** Makes a server ready. */
  private interface Start {
    Machine in(Path folder) throws Exception;
  }

  private List<Place> start(int count, Start start) throws Exception {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      servers.add(start.in(folder.resolve("machine-" + servers.size())));
      places.add(servers.get(servers.size() - 1).place());
    }
    return places;
  }

  /** In this JVM: it loses its connections when it is killed. */
  private static Machine here(Path folder) throws Exception {
    return new ServerHere(folder, null);
  }

  @AfterEach
  void close() throws Exception {
    for (Machine server : servers) {
      server.close();
    }
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

  /** Done by a worker before it computes a step; the others have sent their part of it. */
  private interface Event {
    void before(long step) throws Exception;
  }

  static Stream<Arguments> runs() {
    return Stream.of(
        Arguments.of(1, new Adam(0.01), FloatFormat.BFLOAT16),
        Arguments.of(2, new ClipByNorm(new Adam(0.01), 0.5), FloatFormat.FLOAT32),
        Arguments.of(2, new LAMB(0.01), FloatFormat.FLOAT32));
  }

  @ParameterizedTest(name = "{0} shares, {1}, {2}")
  @MethodSource("runs")
  void aLostPrimaryCostsNoStep(int shares, Optimizer rule, FloatFormat wire) throws Exception {
    training = new FakeTraining(3_001, 4, rule, wire);
    train(shares, STEPS, StandbyTest::here, killed(0));
  }

  @Test
  void aKilledPrimaryCostsNoStep() throws Exception {
    train(1, STEPS, ServerProcess::start, killed(0));
    System.out.printf(
        "%.0f ms from the end of the primary to the next version%n",
        (wentOn.get() - killed.get()) * 1e-6);
  }

  @Test
  void aLostStandbyCostsNoStep() throws Exception {
    train(1, STEPS, StandbyTest::here, killed(1));
  }

  @Test
  void aPrimaryAndItsStandbySpeakTls() throws Exception {
    Path keys = TestCertificate.keyStore(folder, "here", "ip:127.0.0.1");
    train(1, STEPS, at -> new ServerHere(at, keys), killed(0));
  }

  private Event killed(int victim) {
    return step -> {
      if (step == KILLED_AT) {
        servers.get(victim).kill();
        killed.set(System.nanoTime());
      }
    };
  }

  /** A killed process that is started again becomes the standby of the one that was promoted. */
  @Test
  void everyOneOfThreeKilledPrimariesCostsNoStep() throws Exception {
    Turns turns = new Turns(List.of(0, 1, 0), false);
    train(1, MANY_STEPS, ServerProcess::start, turns);
    assertThat(turns.done).as("kills").isEqualTo(3);
  }

  @Test
  void allServersMayBeLostOneAfterTheOther() throws Exception {
    training = new FakeTraining(3_001, 4, new LAMB(0.01));
    Turns turns = new Turns(List.of(2, 0, 1, 3, 2), true);
    train(2, MANY_STEPS, StandbyTest::here, turns);
    assertThat(turns.done).as("kills").isEqualTo(5);
  }

  /** Kills one after the other, starts it again, and waits until there are standbys once more. */
  private final class Turns implements Event {
    private final List<Integer> victims;

    /** Whether each is killed once more at once, however far the driver has got with it. */
    private final boolean isHasty;

    private int done;
    private long waited;

    Turns(List<Integer> victims, boolean isHasty) {
      this.victims = victims;
      this.isHasty = isHasty;
    }

    @Override
    public void before(long step) throws Exception {
      if (!run.isCovered()) { // it gets what it lacks with the next versions
        waited++;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.min(500, 10 * waited)));
      } else if (done < victims.size()) {
        waited = 0;
        Machine victim = servers.get(victims.get(done++));
        victim.kill();
        victim.startAgain();
        if (isHasty) {
          victim.kill();
          victim.startAgain();
        }
        await().atMost(Duration.ofMinutes(1)).until(() -> !run.isCovered());
      }
    }
  }

  /** Trains while servers are killed, and compares all with a run in which nothing happens. */
  private void train(int shares, int steps, Start start, Event event) throws Exception {
    computed = new AtomicIntegerArray(steps);
    List<Place> primaries = start(shares, start);
    List<Place> standbys = start(shares, start);
    Begin begin = new Begin(training.run("covered", steps), 100, 1, false, true);
    try (RemoteServers begun =
        run =
            new RemoteServers(primaries, standbys, begin, training::initial, new Ear(), e -> {})) {
      ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
      List<Future<?>> workers = new ArrayList<>();
      for (int w = 0; w < WORKERS; w++) {
        int number = w;
        ServerLocation location = begun.location();
        workers.add(threads.submit(() -> work(location, number, steps, event)));
      }
      for (Future<?> worker : workers) {
        worker.get(5, TimeUnit.MINUTES);
      }
      threads.shutdown();
      assertThat(begun.values()).containsExactly(training.expected(steps));
      await().atMost(Duration.ofSeconds(30)).until(() -> evaluated.containsKey((long) steps));
      assertThat(aborted).isEmpty();
    }
    assertThat(completed).isSorted().doesNotHaveDuplicates();
    for (long epoch = EPOCH; epoch <= steps; epoch += EPOCH) {
      assertThat(evaluated.get(epoch)).containsExactly(training.expected(epoch));
    }
    for (int step = 0; step < steps; step++) {
      assertThat(computed.get(step)).as("computations of step %d", step).isEqualTo(WORKERS);
    }
  }

  /** Joins once, and never steps back. */
  private Void work(ServerLocation location, int number, int steps, Event event) throws Exception {
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
        if (step == steps) {
          return null;
        }
        computed.incrementAndGet((int) step);
        if (number == 0) {
          event.before(step);
        }
        pusher.step(step, values, client);
      }
    }
  }

  @Test
  void aPrimaryWithAnotherSecretThanItsStandbyIsNamed() {
    Secret known = Secret.of("known to both of the servers", "the test");
    Secret other = Secret.of("known to one of the servers only", "the test");
    try (StandaloneServer primary = server(known);
        StandaloneServer standby = server(other)) {
      Begin begin = new Begin(training.run("covered", STEPS), 100, 1, false);
      assertThatThrownBy(
              () -> begin(List.of(place(primary, known)), List.of(place(standby, other)), begin))
          .hasMessageContaining("127.0.0.1:" + primary.port() + " does not reach its standby")
          .hasMessageContaining("secret");
    }
  }

  private static StandaloneServer server(Secret secret) {
    return new StandaloneServer(secret, "127.0.0.1", 0, 1, null, Optional.empty());
  }

  private static Place place(StandaloneServer server, Secret secret) {
    return new Place(new Address("127.0.0.1", server.port()), secret, null);
  }

  private RemoteServers begin(List<Place> primaries, List<Place> standbys, Begin begin)
      throws Exception {
    return new RemoteServers(primaries, standbys, begin, training::initial, new Ear(), e -> {});
  }

  @Test
  void whatHasNoStandbyIsRefusedByName() {
    RunSpec plain = training.run("plain", STEPS);
    FlatUpdate update = plain.update();
    Map<String, RunSpec> refused =
        Map.of(
            "BoundedStaleness[bound=1]",
            plain.with(new BoundedStaleness(1)),
            "Asynchronous[]",
            plain.with(new Asynchronous()),
            "not_finite: skip",
            new RunSpec("plain", plain.tree(), update, STEPS, NonFinite.SKIP),
            "not_finite: roll_back",
            new RunSpec("plain", plain.tree(), update, STEPS, NonFinite.ROLL_BACK),
            "table " + FakeTables.SPECS.get(0).name(),
            plain.with(FakeTables.SPECS));
    Secret secret = Secret.of("known to both of the servers", "the test");
    try (StandaloneServer primary = server(secret);
        StandaloneServer standby = server(secret)) {
      refused.forEach(
          (what, run) ->
              assertThatThrownBy(
                      () ->
                          begin(
                              List.of(place(primary, secret)),
                              List.of(place(standby, secret)),
                              new Begin(run, 100, 1, false)))
                  .hasMessageContaining(what)
                  .hasMessageContaining("has no standby; set servers.standbys to 0"));
    }
  }
}
