package dev.kindling.ps.server;

import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.table.SparseRows;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the driver of a run asks of the shards, wherever they stand: {@link ParameterServer} in its
 * own process, {@link RemoteServer} elsewhere. Thread-safe.
 */
public interface RunServer extends AutoCloseable {
  /** What a worker needs to come here; holds the secret. */
  ServerLocation location();

  /** The run's step: the version that every bucket has, as far as the driver has heard. */
  long version();

  /** How many steps were skipped because their gradient was not finite. */
  long skipped();

  /** How many steps went back to an earlier version because their gradient was not finite. */
  long rolledBack();

  /** How far each worker of the newest start is. */
  List<WorkerProgress> workers();

  /** How far each server that holds a part of the parameters is. */
  List<ShardProgress> shardProgress();

  /** A copy of the flat vector; consistent when no step is in progress. */
  float[] values();

  /** Copies of the rows that steps have changed, table by table; consistent when none goes on. */
  List<SparseRows> tables();

  /**
   * A copy of the flat vector of the version whose evaluation is just being told of; to be asked
   * for inside {@link dev.kindling.ps.shard.ShardListener#reduced}, before any worker goes on.
   */
  float[] evaluated();

  /** Sums over the samples since the start of the epoch, at a version that ends one. */
  MetricSums metrics(long version);

  /**
   * The gradient noise of late, from the gradients that the workers push; nothing where only one
   * comes a step. See {@link dev.kindling.train.NoiseScale}.
   */
  Estimate noise();

  /**
   * What a schedule that watches a metric makes of the learning rate now; 1 where there is none. It
   * moves after {@link dev.kindling.ps.shard.ShardListener#completed} of an epoch's last version.
   */
  double observedFactor();

  /**
   * Takes a checkpoint as soon as possible, within two more steps of the workers.
   *
   * @return the version, once it is committed
   */
  CompletableFuture<Long> checkpoint();

  /**
   * Brings shards that were lost back from the newest checkpoint, under a new term; to be called
   * while no workers run.
   *
   * @return whether there was anything to bring back
   */
  default boolean recover() throws InterruptedException {
    return false;
  }

  /** Stops the run: every worker's wait ends with this message. */
  void abort(String message);

  /** Lets go of the shards: workers that still wait get an error, checkpoints are written. */
  @Override
  void close();
}
