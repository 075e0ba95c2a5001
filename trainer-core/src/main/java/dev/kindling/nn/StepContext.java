package dev.kindling.nn;

import dev.kindling.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Where a computation stands in its run, for the operations that differ from step to step: random
 * ones draw from a counter keyed by seed, replica, step and operation, so their numbers depend
 * neither on the workers nor on what ran before; running statistics are handed over here.
 *
 * <p>Captured operations keep a reference and read it at every replay. Mutable and not thread-safe:
 * one for each thread that trains.
 */
public final class StepContext {
  private static final int DROPOUT = 5 << 24;

  private final long seed;
  private long step;
  private int replica;
  private int operations;
  private Map<RunningStatistic, Tensor> observed;

  /** The start of a run with the given seed. */
  public StepContext(long seed) {
    this.seed = seed;
  }

  /** Moves to a replica's share of a step. */
  public void moveTo(long step, int replica) {
    this.step = step;
    this.replica = replica;
  }

  /** The run's seed. */
  public long seed() {
    return seed;
  }

  /** The step, counted from zero. */
  public long step() {
    return step;
  }

  /** The random stream of masks in this replica. */
  int dropoutStream() {
    return DROPOUT + replica;
  }

  /** A number for the next random operation: the order of the forward pass. */
  int nextOperation() {
    return operations++;
  }

  /**
   * Begins a forward pass that will be replayed: operations count from zero again, and running
   * statistics are collected instead of moved.
   */
  public void beginCapture() {
    operations = 0;
    observed = new IdentityHashMap<>();
  }

  /** Ends what {@link #beginCapture} began: the batch's value of every statistic that was seen. */
  public Map<RunningStatistic, Tensor> endCapture() {
    Map<RunningStatistic, Tensor> seen = observed;
    observed = null;
    return seen;
  }

  /** Takes the batch's value of a statistic: keeps it for the capture, or moves the statistic. */
  void observe(RunningStatistic statistic, Tensor batchValue) {
    if (observed == null) {
      statistic.moveToward(batchValue);
    } else {
      observed.put(statistic, batchValue);
    }
  }
}
