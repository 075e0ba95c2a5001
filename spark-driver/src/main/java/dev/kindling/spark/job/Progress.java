package dev.kindling.spark.job;

import dev.kindling.ps.ShardProgress;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.train.MetricSums;
import java.util.List;

/**
 * How far a run is.
 *
 * @param step version of the parameters
 * @param epoch sums over the samples since the epoch's start
 * @param seconds of training since the epoch's start
 * @param lr learning rate of the newest step, as schedules and metrics have made it
 * @param workers how far each worker is
 * @param shards how far each server of the parameters is
 * @param where the parameters are: {@code driver}, {@code executor at host:port}, {@code server at
 *     host:port}
 */
public record Progress(
    long step,
    MetricSums epoch,
    double seconds,
    double lr,
    List<WorkerProgress> workers,
    List<ShardProgress> shards,
    String where) {
  /** Share of the workers' time that they spent waiting for values; 0 before it is known. */
  public double exchangeShare() {
    double exchange = workers.stream().mapToLong(WorkerProgress::exchangeNanos).sum();
    double compute = workers.stream().mapToLong(WorkerProgress::computeNanos).sum();
    return exchange + compute == 0 ? 0 : exchange / (exchange + compute);
  }
}
