package dev.kindling.spark.data;

import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * Which replicas each worker computes: the workers stand in {@code workers / (1 + backups)} groups,
 * at least one, and those of a group compute the same replicas. Immutable.
 *
 * @param tree the run's replicas
 * @param workers Spark tasks that train
 * @param backups how many more workers than one compute each replica, as far as there are so many
 */
public record WorkerShares(ReplicaTree tree, int workers, int backups) implements Serializable {

  /** Each replica at one worker. */
  public WorkerShares(ReplicaTree tree, int workers) {
    this(tree, workers, 0);
  }

  private int groups() {
    return Math.max(1, workers / (1 + backups));
  }

  /** The replicas of a worker. */
  public Node of(int worker) {
    return tree.shareOf(worker % groups(), groups());
  }

  /** The workers that compute a replica, in ascending order. */
  public IntStream holders(int replica) {
    return IntStream.range(0, workers)
        .filter(worker -> of(worker).lo() <= replica && replica < of(worker).hi());
  }
}
