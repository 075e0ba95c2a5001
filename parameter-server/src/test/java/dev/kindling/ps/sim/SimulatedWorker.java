package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTables;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.RowQuestion;
import dev.kindling.ps.client.WorkerProtocol;
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
  private final SimulatedJvm jvm;
  private final WorkerProtocol protocol;
  private final Scenario scenario;
  private final Scenario.Computation computation;
  private long pulled = -1;
  private final List<SparseRows> rows = new ArrayList<>();
  private boolean pulling;
  private List<RowQuestion> asked = List.of();
  private boolean busy;
  private boolean reducing;
  private long reduced = -1;
  private long step = -1;
  private int attempt;

  SimulatedWorker(Simulation world, Worker worker, SimulatedJvm jvm) {
    this.world = world;
    this.worker = worker;
    this.jvm = jvm;
    protocol = jvm.protocol();
    scenario = world.scenario;
    computation = scenario.worker(worker);
  }

  /** How often this worker had to begin again. */
  int attempts() {
    return attempt;
  }

  /** Does what can be done now. */
  void goOn() {
    if (protocol.isJoined() && !busy) {
      step = step < 0 ? protocol.firstStep() : step;
      if (reducing) {
        finishReduction();
      }
      if (!reducing && isStillArriving() && world.random.nextBoolean()) {
        protocol.begin(step);
      }
      pulling = pulling && !protocol.areAnswered(asked);
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

  /** The shards were recovered: begins where they are. */
  void beginAgain() {
    attempt++;
    busy = false;
    reducing = false;
    step = -1;
    reduced = -1;
    forgetRows();
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
    int width = scenario.run.tables().get(table).width();
    rows.add(new SparseRows(width, keys, new float[keys.length * width]));
    if (keys.length > 0) {
      pulling = true;
      asked = protocol.pullRows(step, table, keys, rows.get(table).values());
    } else {
      proceed();
    }
  }

  private void begin() {
    long version = Math.min(step, protocol.newestHeld());
    float[] values = protocol.begin(step, version);
    if (isMeeting()) {
      startReduction(values);
    } else if (step < Simulation.STEPS && rows.size() < scenario.run.tables().size()) {
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
            if (jvm.isAlive() && attempt == of) {
              message.run();
            }
          });
    }
    world.after(
        delay[0] + 1,
        () -> {
          if (jvm.isAlive() && attempt == of) {
            busy = false;
            step++;
            jvm.goOn();
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
    if (protocol.isReduced(step)) {
      double[] result = protocol.reduced(step);
      assertThat(result[0]).isEqualTo(vector(world.run.tree().root(), 0)[0]);
      scenario.checkAgreed(step, result[1] / Simulation.REPLICAS);
      reducing = false;
      reduced = step;
    }
  }
}
