package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.util.List;

/** What is trained in one simulated run, how its workers go on, and what must come of it. */
abstract class Scenario {
  final RunSpec run;

  Scenario(RunSpec run) {
    this.run = run;
  }

  /** The values of version 0. */
  abstract float[] initial();

  /** What one worker computes, step after step. */
  interface Computation {
    /**
     * Computes a step.
     *
     * @param read the version of the values
     * @param rows of each table, those that the worker's replicas need
     * @return what is sent, in this order, each a little later than the one before
     */
    List<Runnable> step(
        long step, long read, float[] values, List<SparseRows> rows, WorkerProtocol protocol);
  }

  /** A worker's computation. */
  abstract Computation worker(Worker worker);

  /** The values at the end, given what the shards have recorded. */
  abstract float[] expected(History history);

  /** Whether connections keep the order of messages and lose none until they break, as TCP's. */
  boolean isOrdered() {
    return false;
  }

  /** Whether a recovery of the shards ends the workers, whose connections it breaks. */
  boolean restartsWithShards() {
    return true;
  }

  /** Whether workers meet now and then to add something up. */
  boolean isReducing() {
    return true;
  }

  /** Whether others may go on without a worker. */
  boolean mayOvertake() {
    return false;
  }

  /** Whether workers of one JVM may share its connections. */
  boolean sharesConnections() {
    return false;
  }

  /** Whether values have to be asked for. */
  boolean isPulling() {
    return false;
  }

  /** The oldest version that a step may be computed with. */
  long oldest(long step) {
    return step;
  }

  /** Judges a row-sparse table at the end. */
  void checkTable(int number, RowTable table) {
    throw new IllegalStateException("nobody says what table %d has to be".formatted(number));
  }

  /** Judges the fourth value of a version that all workers hold. */
  void checkAgreed(long step, double value) {
    assertThat(value).isFinite();
  }
}
