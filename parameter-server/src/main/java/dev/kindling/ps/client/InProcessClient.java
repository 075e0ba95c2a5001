package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.shard.FloatPool;
import dev.kindling.ps.shard.PushOutcome;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.Waiter;
import dev.kindling.ps.shard.Workspace;
import dev.kindling.train.Buckets;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;

/**
 * A worker in the JVM of the shards: reads their arrays and lets them read its own, and applies
 * buckets itself. No copy, no socket, no allocation in a step. For one thread.
 */
public final class InProcessClient implements ParameterClient {
  private final ShardGroup shards;
  private final Worker worker;
  private final Workspace workspace;
  private final Waiter waiter;
  private final FloatPool pool;
  private final StepClock clock = new StepClock();
  private final int staleness;
  private final float[][] copies;

  /** Gradients in each bucket's values as they were copied; null where they are not. */
  private final long[] readAt;

  private long read;

  /** A worker that has not joined yet. */
  public InProcessClient(ShardGroup shards, Worker worker) {
    this.shards = shards;
    this.worker = worker;
    this.workspace = new Workspace(shards.run().tree());
    this.staleness = shards.run().staleness();
    boolean copies = shards.run().isAsynchronous();
    this.copies = copies ? new float[2][Math.toIntExact(shards.run().buckets().length())] : null;
    this.readAt = copies ? new long[shards.run().buckets().count()] : null;
    this.waiter = shards.enter();
    this.pool = new FloatPool(shards.run().buckets().size());
  }

  @Override
  public long join() {
    return shards.join(worker);
  }

  @Override
  public float[] values(long version) throws InterruptedException {
    return await(version, version);
  }

  @Override
  public float[] recent(long step) throws InterruptedException {
    return await(Math.max(0, step - staleness), step);
  }

  @Override
  public long read() {
    return read;
  }

  /** Waits for a version, and reads the newest of those up to another. */
  private float[] await(long version, long newest) throws InterruptedException {
    clock.startWaiting();
    shards.await(worker, shards.awaited(version), waiter, workspace);
    read = Math.max(version, Math.min(newest, shards.version()));
    clock.startComputing();
    if (clock.isReportDue()) {
      shards.report(
          new WorkerProgress(
              worker, version, clock.computeNanos(), clock.waitNanos(), System.nanoTime()));
    }
    return copies == null ? shards.storage().published(read) : newest(copies[(int) (read % 2)]);
  }

  /** The newest values, each bucket as it stands between two gradients. */
  private float[] newest(float[] into) {
    shards.check(worker);
    for (int bucket = 0; bucket < shards.run().buckets().count(); bucket++) {
      readAt[bucket] = shards.gradients(bucket);
      shards.copy(bucket, into, shards.storage().offset(bucket));
    }
    return into;
  }

  @Override
  public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
    if (staleness == 0) {
      push(step, bucket, lo, hi, sums, shards.storage().offset(bucket), weight, null);
    } else { // the worker goes on before it is applied
      pushCopy(step, bucket, lo, hi, sums, weight);
    }
  }

  private PushOutcome push(
      long step,
      int bucket,
      int lo,
      int hi,
      float[] sums,
      int offset,
      double weight,
      FloatPool lender) {
    PushOutcome outcome =
        shards.push(
            workspace,
            worker.incarnation(),
            shards.term(),
            step,
            bucket,
            lo,
            hi,
            sums,
            offset,
            weight,
            lender);
    check(outcome, "bucket", bucket, step, lo, hi);
    if (outcome.isNew()) {
      shards.pushed(readAt == null ? step - read : shards.ageOf(workspace, readAt[bucket]));
    }
    return outcome;
  }

  private void check(PushOutcome outcome, String what, int number, long step, int lo, int hi) {
    switch (outcome) {
      case STALE_INCARNATION, STALE_TERM -> shards.check(worker);
      case REFUSED ->
          throw new ParameterServerException(
              Reason.PROTOCOL,
              "%s: %s %d of step %d for replicas [%d, %d) was refused; the shards are at step %d"
                  .formatted(worker, what, number, step, lo, hi, shards.version()));
      default -> {}
    }
  }

  @Override
  public void pullRows(long version, int table, long[] keys, float[] into) {
    RowTable rows = shards.table(table);
    for (long wanted = version; !rows.pull(wanted, keys, into); wanted = rows.version()) {
      shards.check(worker); // the others have gone on without this worker: any rows will do
    }
  }

  @Override
  public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
    PushOutcome outcome =
        shards.pushRows(
            worker.incarnation(), shards.term(), step, table, lo, hi, 0, 1, sums, weight);
    check(outcome, "table", table, step, lo, hi);
  }

  @Override
  public long next(long step) {
    return Math.max(step + 1, shards.version());
  }

  @Override
  public void answer(long round, int client, float[] sums, double weight) {
    Buckets buckets = shards.run().buckets();
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      pushCopy(round, bucket, client, client + 1, sums, weight);
    }
  }

  private void pushCopy(long step, int bucket, int lo, int hi, float[] sums, double weight) {
    float[] copy = pool.take();
    int from = shards.storage().offset(bucket);
    System.arraycopy(sums, from, copy, 0, shards.run().buckets().length(bucket));
    if (!push(step, bucket, lo, hi, copy, 0, weight, pool).keepsArray()) {
      pool.release(copy);
    }
  }

  @Override
  public void drop(long round, int client) {
    shards.drop(workspace, worker, shards.term(), round, client);
  }

  @Override
  public double[] reduce(long key, double[]... replicas) throws InterruptedException {
    ReplicaVectors.nodes(shards.run().tree(), worker, replicas)
        .forEach((node, sums) -> shards.reduce(worker, key, node.lo(), node.hi(), sums));
    return shards.awaitReduced(worker, key, waiter, workspace);
  }

  @Override
  public long appliedNanos() {
    return workspace.appliedNanos();
  }

  @Override
  public void fail(String message) {
    shards.fail(worker, message);
  }

  @Override
  public void close() {
    shards.leave(waiter);
  }
}
