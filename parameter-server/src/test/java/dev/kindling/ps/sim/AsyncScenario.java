package dev.kindling.ps.sim;

import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import java.util.ArrayList;
import java.util.List;

/**
 * Asynchronous steps. Gradients are small integers, each named by replica, step and element, and
 * the rule subtracts them: sums are exact in any order, so the end shows whether every gradient was
 * applied exactly once.
 */
final class AsyncScenario extends Scenario {
  private static final int LENGTH = 90;

  AsyncScenario() {
    super(spec());
  }

  private static RunSpec spec() {
    FlatLayout layout =
        new FlatLayout.Builder().add("weight", List.of(LENGTH), Kind.PARAMETER).build();
    SGD subtract = new SGD(1, 0, 0, 0, false);
    FlatUpdate update =
        new FlatUpdate(
            layout, subtract, new Schedule.Constant(), Math.toIntExact(Simulation.REDUCE_EVERY));
    ReplicaTree tree = new ReplicaTree(Simulation.REPLICAS);
    return new RunSpec("simulated", tree, update, Simulation.STEPS).with(new Asynchronous());
  }

  private static float gradient(int replica, long step, int i) {
    return 1 + (replica * 5 + step * 3 + i) % 7;
  }

  @Override
  float[] initial() {
    return new float[Math.toIntExact(run.buckets().length())];
  }

  @Override
  Computation worker(Worker worker) {
    return (step, read, values, rows, protocol) -> {
      List<Runnable> pushes = new ArrayList<>();
      for (int replica = worker.lo(); replica < worker.hi(); replica++) {
        push(replica, step, protocol, pushes);
      }
      return pushes;
    };
  }

  private void push(int replica, long step, WorkerProtocol protocol, List<Runnable> pushes) {
    float[] sums = initial();
    for (int i = 0; i < LENGTH; i++) {
      sums[i] = gradient(replica, step, i);
    }
    for (int bucket = run.buckets().count() - 1; bucket >= 0; bucket--) {
      int number = bucket;
      pushes.add(() -> protocol.push(step, number, replica, replica + 1, sums, 1));
    }
  }

  @Override
  float[] expected(History history) {
    float[] values = initial();
    for (int replica = 0; replica < Simulation.REPLICAS; replica++) {
      for (long step = 0; step < Simulation.STEPS; step++) {
        for (int i = 0; i < LENGTH; i++) {
          values[i] -= gradient(replica, step, i);
        }
      }
    }
    return values;
  }

  @Override
  boolean isOrdered() {
    return true;
  }

  @Override
  boolean isPulling() {
    return true;
  }
}
