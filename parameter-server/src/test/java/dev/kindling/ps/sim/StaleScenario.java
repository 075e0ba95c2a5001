package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Worker;
import dev.kindling.ps.sync.BoundedStaleness;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounded staleness: every step of every bucket must be the sum over all replicas, each once, of
 * gradients for the versions that its workers have read, none too old; recomputed from what the
 * workers say that they have read.
 */
final class StaleScenario extends Scenario {
  private final FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);
  private final int bound;
  private final Map<Integer, long[][]> read = new HashMap<>();

  StaleScenario(int bound) {
    super(
        new FakeTraining(90, Simulation.REPLICAS)
            .run("simulated", Simulation.STEPS)
            .with(new BoundedStaleness(bound)));
    this.bound = bound;
  }

  @Override
  float[] initial() {
    return training.initial();
  }

  @Override
  Computation worker(Worker worker) {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    long[][] own =
        read.computeIfAbsent(
            worker.incarnation(), i -> new long[(int) Simulation.STEPS][Simulation.REPLICAS]);
    return (step, version, values, rows, protocol) -> {
      assertThat(version).isBetween(oldest(step), step);
      for (int replica = worker.lo(); replica < worker.hi(); replica++) {
        own[(int) step][replica] = version;
      }
      List<Runnable> pushes = new ArrayList<>();
      pusher.step(
          step,
          values,
          (s, bucket, lo, hi, sums, weight) ->
              pushes.add(() -> protocol.push(s, bucket, lo, hi, sums, weight)));
      return pushes;
    };
  }

  @Override
  float[] expected(History history) {
    return training.stale(
        (int) Simulation.STEPS,
        (step, bucket, replica) -> read.get(history.incarnation(bucket, step))[step][replica]);
  }

  @Override
  boolean isOrdered() {
    return true;
  }

  @Override
  long oldest(long step) {
    return Math.max(0, step - bound);
  }
}
