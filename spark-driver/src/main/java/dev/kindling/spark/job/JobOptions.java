package dev.kindling.spark.job;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Transport;
import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.sync.Policy;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where a run is computed and what is kept of it; decides nothing of its result. Immutable.
 *
 * @param run the run's id
 * @param workers Spark tasks that train, at the start
 * @param mostWorkers how many may train after a loss, where the cluster has grown meanwhile
 * @param maxRestarts how often they are started again
 * @param startSeconds how long to wait for executors
 * @param servers where the parameters are
 * @param checkpoints what is kept, if anything
 */
public record JobOptions(
    String run,
    int workers,
    int mostWorkers,
    int maxRestarts,
    int startSeconds,
    ServerOptions servers,
    Optional<Checkpointing> checkpoints) {

  /** Ten restarts, a minute for executors, the nearest transport, no checkpoints. */
  public static JobOptions of(int workers) {
    return new JobOptions(
        UUID.randomUUID().toString(),
        workers,
        workers,
        10,
        60,
        ServerOptions.inDriver(Transport.AUTO, 0),
        Optional.empty());
  }

  /** These with another transport and port. */
  public JobOptions via(Transport other, int otherPort) {
    return with(
        ServerOptions.inDriver(other, otherPort).with(servers.policy()).with(servers.nonFinite()));
  }

  /** These with another policy and another answer to gradients that are not finite. */
  public JobOptions under(Policy policy, NonFinite nonFinite) {
    return with(servers.with(policy).with(nonFinite));
  }

  /** These with other servers. */
  public JobOptions with(ServerOptions other) {
    return new JobOptions(run, workers, mostWorkers, maxRestarts, startSeconds, other, checkpoints);
  }

  /**
   * Refuses a cluster that cannot run the workers, before any Spark job runs: to be asked before
   * anything is learned of the data.
   *
   * @throws TrainingException saying what to set
   */
  public void checkCluster(JavaSparkContext spark, int replicas) {
    Slots.check(spark, busyWorkers(replicas), startSeconds);
  }

  /** How many of the workers there is work for, with these replicas. */
  int busyWorkers(int replicas) {
    return busy(workers, replicas);
  }

  /** How many workers there would be work for, with these replicas and all slots one could wish. */
  int mostBusyWorkers(int replicas) {
    return busy(mostWorkers, replicas);
  }

  private int busy(int count, int replicas) {
    return (int) Math.min(count, (long) replicas * (1 + servers.policy().backups()));
  }

  /** These, with more workers after a loss if there are slots for them then. */
  public JobOptions growingTo(int most) {
    return new JobOptions(run, workers, most, maxRestarts, startSeconds, servers, checkpoints);
  }

  /** These with another number of restarts. */
  public JobOptions restarting(int times) {
    return new JobOptions(run, workers, mostWorkers, times, startSeconds, servers, checkpoints);
  }

  /** These with checkpoints, of a run with this id. */
  public JobOptions keeping(String id, Checkpointing kept) {
    return new JobOptions(
        id, workers, mostWorkers, maxRestarts, startSeconds, servers, Optional.of(kept));
  }

  /**
   * Checkpoints of a run.
   *
   * @param store where they go
   * @param everyEpochs one each so many epochs, and at the end
   * @param keep so many stay
   * @param resume whether to go on from the newest one
   */
  public record Checkpointing(CheckpointStore store, int everyEpochs, int keep, boolean resume) {}
}
