package dev.kindling.train;

import dev.kindling.data.BatchShares;
import dev.kindling.data.EpochOrder;
import dev.kindling.data.SpilledSlice;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Reads a replica's rows of the next step from disk while those of this step are computed on: two
 * stages, in turn. Not thread-safe; {@code order} belongs to the reading thread until a step's rows
 * are taken.
 */
final class Prefetch {
  private final BatchShares shares;
  private final int replica;
  private final EpochOrder order;
  private final Executor reader;
  private final SpilledSlice.Stage[] stages;
  private long readStep = -1;
  private FutureTask<Void> reading;

  Prefetch(BatchShares shares, int replica, SpilledSlice slice, EpochOrder order, Executor reader) {
    this.shares = shares;
    this.replica = replica;
    this.order = order;
    this.reader = reader;
    int rows = Math.min(slice.size(), shares.largestShare());
    this.stages = new SpilledSlice.Stage[] {slice.stage(rows), slice.stage(rows)};
  }

  /** The rows of a step, at the places 0, 1, ... of the stage. */
  SpilledSlice.Stage take(long step) {
    if (readStep != step) {
      await(); // another step was read ahead: its stage must be at rest
      start(step);
    }
    await();
    return stages[(int) (step & 1)];
  }

  /** Reads ahead; to be called when the rows and the order of this step are no longer needed. */
  void start(long step) {
    readStep = step;
    FutureTask<Void> task = new FutureTask<>(() -> read(step), null);
    reading = task;
    reader.execute(task);
  }

  private void read(long step) {
    long inEpoch = step % shares.stepsPerEpoch();
    int[] rows = order.at((int) (step / shares.stepsPerEpoch()));
    int from = shares.from(replica, inEpoch);
    stages[(int) (step & 1)].load(rows, from, shares.count(replica, inEpoch));
  }

  private void await() {
    if (reading == null) {
      return;
    }
    try {
      reading.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rows were read from disk", e);
    }
  }
}
