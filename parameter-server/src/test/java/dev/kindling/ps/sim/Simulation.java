package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.TableParts;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Message;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A whole run on one thread and a seeded network: the real state machines of shards and workers,
 * messages lost, doubled and overtaking each other, workers and shards that crash, and those
 * declared dead that go on for a while. Judged by the bits at the end.
 */
final class Simulation {
  static final int REPLICAS = 4;
  static final long STEPS = 10;
  static final long REDUCE_EVERY = 4;
  private static final int RETRY = 60;
  private static final int TICK = 50;
  private static final int MOST_EVENTS = 100_000;
  private static final int CRASH_WINDOW = 3_000;
  private static final int PATIENCE = 2_000;
  private static final int MOST_KILLS = 3;
  private static final int KILL_WINDOW = 40;
  static final int SHARDS_DOWN = 300;
  static final int STRIKE_WINDOW = 400;

  private record Event(long time, long order, Runnable action) {}

  final SplittableRandom random;
  final Faults faults;
  final Scenario scenario;
  final RunSpec run;
  final ServerLocation location;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::order));
  private long now;
  private long order;
  private int incarnation;
  private SimulatedShards shards;
  private int kills;
  private int spared;
  private List<SimulatedJvm> jvms = List.of();

  /** Synchronous training. */
  Simulation(long seed, Faults faults, FakeTraining training) {
    this(seed, faults, clock -> new SynchronousScenario(training, 0));
  }

  /** A scenario that may know the simulated clock. */
  Simulation(long seed, Faults faults, Function<LongSupplier, Scenario> scenario) {
    this.random = new SplittableRandom(seed);
    this.faults = faults;
    this.scenario = scenario.apply(() -> now);
    TableParts parts = new TableParts(faults.servers());
    this.run = this.scenario.run.with(parts.split(this.scenario.run.tables()));
    ServerLocation plain =
        new ServerLocation(
            run.id(),
            "",
            Transport.SOCKET,
            List.of(),
            Secret.random(),
            run.buckets(),
            run.tree(),
            null,
            run.staleness(),
            run.isAsynchronous(),
            run.rounding(),
            run.tables().size());
    this.location =
        plain.at(List.of(), faults.standbys() ? List.of(new Address("standby", 1)) : List.of());
  }

  void after(int delay, Runnable action) {
    events.add(new Event(now + delay, order++, action));
  }

  /**
   * Hands a message to the network; it may arrive never, once or twice. Where order is kept, it
   * arrives once, and perhaps once more later.
   */
  void transmit(Message message, Way way, Consumer<Message> arrive) {
    Message sent = message instanceof FloatMessage f ? f.with(f.floats().copy()) : message;
    int delay = 1 + random.nextInt(faults.delay());
    if (scenario.isOrdered()) {
      delay = Math.toIntExact(way.inOrder(now + delay) - now);
    } else if (random.nextDouble() < faults.loss()) {
      return;
    }
    after(delay, () -> arrive.accept(sent));
    if (random.nextDouble() < faults.doubling()) {
      int earliest = scenario.isOrdered() ? delay : 1;
      after(earliest + random.nextInt(3 * faults.delay()), () -> arrive.accept(sent));
    }
  }

  /** Whether a shard process that has come to this point is killed there. */
  boolean kills(Faults.KillPoint point) {
    boolean now = point == faults.killPoint() && kills < MOST_KILLS && spared-- == 0;
    if (now) {
      kills++;
      spared = random.nextInt(KILL_WINDOW);
      int of = shards.term();
      if (!faults.standbys()) {
        after(1 + random.nextInt(SHARDS_DOWN), () -> recover(of));
      }
    }
    return now;
  }

  private void recover(int killed) {
    if (shards.term() == killed) {
      recover();
    }
  }

  private void recover() {
    shards = shards.recover();
    if (scenario.restartsWithShards()) {
      startWorkers();
    }
  }

  private void tick() {
    shards.tick();
    after(TICK, this::tick);
  }

  /** How many shard processes were killed. */
  int kills() {
    return kills;
  }

  SimulatedShards shards() {
    return shards;
  }

  void run() {
    shards = SimulatedShards.first(this);
    spared = faults.killPoint() == Faults.KillPoint.NEVER ? 0 : random.nextInt(KILL_WINDOW);
    startWorkers();
    for (int i = 0; i < faults.workerCrashes(); i++) {
      after(random.nextInt(CRASH_WINDOW), this::startWorkers);
    }
    for (int i = 0; i < faults.shardCrashes(); i++) {
      after(random.nextInt(CRASH_WINDOW), this::recover);
    }
    after(TICK, this::tick);
    after(PATIENCE, () -> watch(false));
    for (int done = 0; !isOver(); done++) {
      Event next = events.poll();
      assertThat(next).as("something left to happen").isNotNull();
      assertThat(done).as("events until the run is over").isLessThan(MOST_EVENTS);
      now = next.time;
      next.action.run();
    }
    judge();
  }

  /** What the workers hold at the end, and the shards if they did not come back after it. */
  private void judge() {
    float[] expected = scenario.expected(shards.history());
    float[] read = expected.clone();
    run.rounding().round(read, 0, read.length);
    jvms.forEach(jvm -> assertThat(jvm.result()).as("parameters").containsExactly(read));
    if (faults.standbys() && !scenario.mayOvertake()) {
      jvms.stream()
          .flatMap(SimulatedJvm::workers)
          .forEach(w -> assertThat(w.attempts()).as("steps begun again").isZero());
    }
    shards.result().ifPresent(v -> assertThat(v).as("parameters").containsExactly(expected));
  }

  /** The driver: starts all workers again if some have ended and the others get nowhere. */
  private void watch(boolean suspicious) {
    long finished = jvms.stream().filter(SimulatedJvm::isFinished).count();
    boolean split = finished > 0 && finished < jvms.size();
    if (split && suspicious) {
      startWorkers();
    }
    after(PATIENCE, () -> watch(split));
  }

  private boolean isOver() {
    return now > (faults.workerCrashes() + faults.shardCrashes() > 0 ? CRASH_WINDOW : 0)
        && jvms.stream().allMatch(SimulatedJvm::isFinished);
  }

  /** All workers come anew, perhaps in another number; the old ones may linger. */
  private void startWorkers() {
    for (SimulatedJvm old : jvms) {
      end(old);
    }
    int count = 1 + random.nextInt(REPLICAS); // fewer than replicas, or as many
    incarnation++;
    List<List<Worker>> together = new ArrayList<>();
    for (int w = 0; w < count; w++) {
      Node share = run.tree().shareOf(w, count);
      Worker worker = new Worker("worker " + w, share.lo(), share.hi(), incarnation);
      for (int copies = random.nextInt(1 + run.policy().backups()); copies >= 0; copies--) {
        place(worker, together);
      }
    }
    jvms = together.stream().map(workers -> new SimulatedJvm(this, workers)).toList();
    jvms.forEach(jvm -> after(random.nextInt(100), jvm::start));
  }

  /** Into a JVM of its own, or to others: neighbours or not. */
  private void place(Worker worker, List<List<Worker>> together) {
    int jvm = scenario.sharesConnections() ? random.nextInt(together.size() + 1) : together.size();
    if (jvm == together.size()) {
      together.add(new ArrayList<>());
    }
    together.get(jvm).add(worker);
  }

  /** One that is declared dead may go on for a while, unless its connections are gone. */
  private void end(SimulatedJvm old) {
    if (scenario.isOrdered() && random.nextBoolean()) {
      old.cut();
    } else {
      after(random.nextBoolean() ? 0 : random.nextInt(500), old::die);
    }
  }

  /** Calls an action again and again as long as it returns true. */
  void retry(BooleanSupplier action) {
    after(
        RETRY + random.nextInt(RETRY),
        () -> {
          if (action.getAsBoolean()) {
            retry(action);
          }
        });
  }
}
