package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Worker;
import dev.kindling.ps.sync.Synchronous;
import java.util.ArrayList;
import java.util.List;

/** Synchronous steps, perhaps with backups: the bits of one process, whatever happens. */
final class SynchronousScenario extends Scenario {
  private final FakeTraining training;

  SynchronousScenario(FakeTraining training, int backups) {
    super(training.run("simulated", Simulation.STEPS).with(new Synchronous(backups)));
    this.training = training;
  }

  @Override
  float[] initial() {
    return training.initial();
  }

  @Override
  Computation worker(Worker worker) {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    return (step, read, values, protocol) -> {
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
    return training.expected(Simulation.STEPS);
  }

  @Override
  boolean restartsWithShards() {
    return false;
  }

  @Override
  boolean mayOvertake() {
    return run.policy().backups() > 0;
  }

  @Override
  void checkAgreed(long step, double value) {
    assertThat(value).isEqualTo(training.expected(step)[3]);
  }
}
