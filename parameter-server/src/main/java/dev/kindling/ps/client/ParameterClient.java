package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.train.BucketGate;
import dev.kindling.train.GradientSink;
import dev.kindling.train.NoiseScale.Estimate;

/**
 * One worker's connection to every shard of a run. For one thread.
 *
 * <pre>{@code
 * long step = client.join();
 * while (step < totalSteps) {
 *   float[] values = client.arriving(step);
 *   replicaStep.run(step, values, client, slices, client);    // awaits and pushes each bucket
 *   step++;
 * }
 * }</pre>
 *
 * <p>A worker whose replicas have backups, or that serves federated rounds, goes on with {@code
 * step = client.next(step)}.
 *
 * <p>Every method throws {@link ParameterServerException} when the run was stopped, when the
 * workers were started again without this one, or when the shards cannot be reached.
 */
public interface ParameterClient extends GradientSink, BucketGate, AutoCloseable {
  /**
   * Takes this worker's place in the run.
   *
   * @return the run's step, the smallest version over all buckets of all shards: the first to
   *     compute
   */
  long join() throws InterruptedException;

  /**
   * Waits until every bucket of the version is here.
   *
   * @return the flat vector, in one of two arrays that alternate; it stays untouched until the
   *     worker asks for the next but one version. Not to be written.
   */
  float[] values(long version) throws InterruptedException;

  /**
   * As {@link #recent}, without waiting where the version still arrives: a bucket may be read after
   * {@link #await(int)}. What was pushed of the step before is read until all have been awaited.
   */
  default float[] arriving(long step) throws InterruptedException {
    return recent(step);
  }

  /** Waits for a bucket of what {@link #arriving} gave last. */
  @Override
  default void await(int bucket) {}

  /**
   * Waits until the values of a step may be read: its version, or an older one as far as the run's
   * bound of staleness allows. The newest that is here.
   *
   * @return the flat vector; it stays untouched until the worker asks for the next step's. Not to
   *     be written.
   */
  float[] recent(long step) throws InterruptedException;

  /** The version that {@link #recent} gave last. */
  long read();

  /**
   * Sums double vectors over all replicas along the replica tree; every worker must call it with
   * the same key. A key is computed once in a run: a worker that asks again gets the same bits.
   *
   * @param key names the sum, e.g. the version that was evaluated
   * @param replicas one vector for each replica of this worker, in order, all of one length
   * @return the sums, the same bits for every worker
   */
  double[] reduce(long key, double[]... replicas) throws InterruptedException;

  /**
   * The step to compute after one: the next, or a later one where the others have gone on without
   * this worker, because a backup computed its replicas or because its round was closed. What it
   * pushed late was not counted.
   */
  long next(long step) throws InterruptedException;

  /**
   * A client's answer to a federated round, which counts once it is whole. The array may be used
   * again when the call returns.
   *
   * @param sums {@code weight * (x - y)} for each element of the flat vector: x the round's values,
   *     y what the client made of them
   * @param weight the client's samples, or another positive weight
   */
  void answer(long round, int client, float[] sums, double weight);

  /** A client will not answer a federated round: nobody need wait for it. */
  void drop(long round, int client);

  /** Nanoseconds in which this worker applied the update rule itself; 0 where shards do. */
  default long appliedNanos() {
    return 0;
  }

  /** The gradient noise of what was added on this side of the wire; nothing where nothing was. */
  default Estimate noise() {
    return Estimate.NONE;
  }

  /** Tells the driver of an error that starting this worker again would not mend. */
  void fail(String message);

  /** Leaves; what was pushed stays. */
  @Override
  void close();
}
