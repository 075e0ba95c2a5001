package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTables;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Values;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The worker loop, cut into the moments when something can go on. */
final class SimulatedWorker {
  private final Simulation world;
  private final Worker worker;
  private final WorkerProtocol protocol;
  private final Way[] wayTo;
  private final Way[] wayFrom;
  private final Scenario scenario;
  private final Scenario.Computation computation;
  private boolean alive = true;
  private boolean cut;
  private long pulled = -1;
  private final List<SparseRows> rows = new ArrayList<>();
  private boolean pulling;
  private boolean busy;
  private boolean reducing;
  private long reduced = -1;
  private long step = -1;
  private int attempt;

  SimulatedWorker(Simulation world, Worker worker) {
    this.world = world;
    this.worker = worker;
    scenario = world.scenario;
    computation = scenario.worker(worker);
    Outbox[] servers = new Outbox[world.faults.servers()];
    wayTo = Way.array(servers.length);
    wayFrom = Way.array(servers.length);
    for (int s = 0; s < servers.length; s++) {
      int server = s;
      servers[s] = new Narrow(server);
    }
    protocol = new WorkerProtocol(world.location, worker, servers);
  }

  /** To one server; now and then there is no room for a while. */
  private final class Narrow implements Outbox {
    private final int server;
    private boolean isFull;

    Narrow(int server) {
      this.server = server;
    }

    @Override
    public void send(Message message) {
      SimulatedWorker.this.send(server, message);
    }

    @Override
    public boolean isWritable() {
      if (!isFull && world.random.nextInt(8) == 0) {
        isFull = true;
        world.after(1 + world.random.nextInt(30), this::drained);
      }
      return !isFull;
    }

    private void drained() {
      isFull = false;
      if (alive) {
        protocol.sendWaiting(server);
      }
    }
  }

  /** To the shards that are up when it leaves, or to those that are up when it arrives. */
  private void send(int server, Message message) {
    SimulatedShards old = world.random.nextBoolean() ? world.shards() : null;
    world.transmit(
        message,
        wayTo[server],
        m -> {
          if (!cut) {
            (old == null ? world.shards() : old).receive(server, this, m);
          }
        });
  }

  void start() {
    protocol.join();
    if (scenario.isOrdered()) {
      return; // nothing is lost while the connection is there
    }
    world.retry(
        () -> {
          for (int s = 0; alive && s < world.faults.servers(); s++) {
            protocol.resend(s);
          }
          goOn();
          return alive;
        });
  }

  void die() {
    alive = false;
  }

  /** The connections break: what is on its way is lost. */
  void cut() {
    alive = false;
    cut = true;
  }

  boolean isFinished() {
    return alive && protocol.holds(Simulation.STEPS) && protocol.failure() == null;
  }

  /** The last version. */
  float[] result() {
    return protocol.begin(Simulation.STEPS);
  }

  void receive(int server, Message message) {
    if (!alive) {
      return;
    }
    if (message instanceof Values values) {
      Floats target = protocol.target(server, values, values.floats().length());
      if (target == null) {
        return;
      }
      Floats arrived = values.floats();
      System.arraycopy(
          arrived.array(), arrived.offset(), target.array(), target.offset(), target.length());
      protocol.receive(server, values.with(target));
    } else if (isReplaced(message)) {
      if (protocol.isJoined(server)) { // one refusal ends the connection, the others are not heard
        protocol.rejoin(server);
      }
    } else {
      protocol.receive(server, message);
    }
    goOn();
  }

  /** Whether a server says that its standby has taken its place. */
  private boolean isReplaced(Message message) {
    return world.faults.standbys()
        && message instanceof Refused refused
        && refused.reason() == Reason.STALE_TERM;
  }

  /** How often this worker had to begin again. */
  int attempts() {
    return attempt;
  }

  /** The way of what a server sends here. */
  Way wayFrom(int server) {
    return wayFrom[server];
  }

  private void goOn() {
    if (!alive) {
      return;
    }
    ParameterServerException failure = protocol.failure();
    if (failure != null) {
      fail(failure);
    } else if (protocol.isJoined() && !busy) {
      step = step < 0 ? protocol.firstStep() : step;
      if (reducing) {
        finishReduction();
      }
      if (!reducing && isStillArriving() && world.random.nextBoolean()) {
        protocol.begin(step);
      }
      pulling = pulling && !protocol.hasRows();
      if (!reducing) {
        proceed();
      }
    }
  }

  /** Whether forward may begin while some of the step's buckets are still on their way. */
  private boolean isStillArriving() {
    return !scenario.isOrdered() && step > protocol.firstStep() && !protocol.holds(step);
  }

  private void proceed() {
    if (protocol.holds(needed()) && !pulling) {
      begin();
    } else if (scenario.mayOvertake() && protocol.isOvertaken(step)) {
      attempt++;
      step = -1;
      forgetRows();
      protocol.rejoin();
    } else if (scenario.isPulling() && pulled < step) {
      pulled = step;
      protocol.pull(step);
    }
  }

  /** The oldest version that the present step may be done with. */
  private long needed() {
    return step == Simulation.STEPS || isMeeting() ? step : scenario.oldest(step);
  }

  private boolean isMeeting() {
    return scenario.isReducing()
        && step > 0
        && step % Simulation.REDUCE_EVERY == 0
        && reduced < step;
  }

  private void fail(ParameterServerException failure) {
    if (failure.reason() == Reason.STALE_TERM) {
      attempt++;
      busy = false;
      reducing = false;
      step = -1;
      reduced = -1;
      forgetRows();
      protocol.join();
    } else {
      assertThat(failure.reason()).isEqualTo(Reason.STALE_INCARNATION);
      die();
    }
  }

  private void forgetRows() {
    pulling = false;
    rows.clear();
  }

  /** Asks for the rows of a table that the replicas of this worker need. */
  private void pullRows(int table) {
    long[] keys =
        IntStream.range(worker.lo(), worker.hi())
            .mapToObj(replica -> FakeTables.keys(table, replica, step))
            .flatMapToLong(Arrays::stream)
            .sorted()
            .distinct()
            .toArray();
    int width = world.run.tables().get(table).width();
    rows.add(new SparseRows(width, keys, new float[keys.length * width]));
    if (keys.length > 0) {
      pulling = true;
      protocol.pullRows(step, table, keys, rows.get(table).values());
    } else {
      proceed();
    }
  }

  private void begin() {
    long version = Math.min(step, protocol.newestHeld());
    float[] values = protocol.begin(step, version);
    if (isMeeting()) {
      startReduction(values);
    } else if (step < Simulation.STEPS && rows.size() < world.run.tables().size()) {
      pullRows(rows.size());
    } else if (step < Simulation.STEPS) {
      compute(version, values);
    }
  }

  private void compute(long version, float[] values) {
    busy = true;
    int of = attempt;
    int[] delay = {1};
    List<Runnable> messages = computation.step(step, version, values, List.copyOf(rows), protocol);
    rows.clear();
    for (Runnable message : messages) {
      delay[0] += world.random.nextInt(6);
      world.after(
          delay[0],
          () -> {
            if (alive && attempt == of) {
              message.run();
            }
          });
    }
    world.after(
        delay[0] + 1,
        () -> {
          if (alive && attempt == of) {
            busy = false;
            step++;
            goOn();
          }
        });
  }

  private void startReduction(float[] values) {
    reducing = true;
    Map<Node, double[]> nodes = new LinkedHashMap<>();
    for (Node node : world.run.tree().cover(worker.lo(), worker.hi())) {
      nodes.put(node, vector(node, values[3]));
    }
    protocol.reduce(step, nodes);
  }

  /** Each replica brings a number of its own and one that all must agree on. */
  private static double[] vector(Node node, float value) {
    if (node.isLeaf()) {
      return new double[] {1 / (node.lo() + 3.0), value};
    }
    double[] left = vector(node.left(), value);
    double[] right = vector(node.right(), value);
    return new double[] {left[0] + right[0], left[1] + right[1]};
  }

  private void finishReduction() {
    double[] result = protocol.reduced();
    if (result != null) {
      assertThat(result[0]).isEqualTo(vector(world.run.tree().root(), 0)[0]);
      scenario.checkAgreed(step, result[1] / Simulation.REPLICAS);
      reducing = false;
      reduced = step;
    }
  }
}
