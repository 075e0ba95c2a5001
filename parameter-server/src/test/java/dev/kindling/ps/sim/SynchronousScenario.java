package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.train.GradientSink;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
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
    return (step, read, values, rows, protocol) -> {
      List<Runnable> pushes = new ArrayList<>();
      pusher.step(step, values, new Later(protocol, rows, pushes));
      return pushes;
    };
  }

  /** Reads the rows that were pulled, and leaves what is pushed for later. */
  private record Later(WorkerProtocol protocol, List<SparseRows> rows, List<Runnable> pushes)
      implements GradientSink {
    @Override
    public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
      pushes.add(() -> protocol.push(step, bucket, lo, hi, sums, weight));
    }

    @Override
    public void pullRows(long version, int table, long[] keys, float[] into) {
      SparseRows here = rows.get(table);
      int width = here.width();
      for (int i = 0; i < keys.length; i++) {
        int from = Arrays.binarySearch(here.keys(), keys[i]) * width;
        System.arraycopy(here.values(), from, into, i * width, width);
      }
    }

    @Override
    public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
      pushes.add(() -> protocol.pushRows(step, table, lo, hi, sums, weight));
    }
  }

  @Override
  void checkTable(int number, RowTable table) {
    training.tables().assertTrained(number, table, Simulation.STEPS);
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
  boolean sharesConnections() {
    return run.policy().backups() == 0;
  }

  @Override
  void checkAgreed(long step, double value) {
    float[] read = training.expected(step).clone();
    run.rounding().round(read, 0, read.length);
    assertThat(value).isEqualTo(read[3]);
  }
}
