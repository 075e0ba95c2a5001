package dev.kindling.spark.data;

import dev.kindling.train.ReplicaTree;
import org.apache.spark.Partitioner;

/** Sends each replica's slice to the worker that holds the replica. */
public final class ReplicaPartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final ReplicaTree tree;
  private final int workers;

  /** Spreads the tree's replicas over so many workers. */
  public ReplicaPartitioner(ReplicaTree tree, int workers) {
    this.tree = tree;
    this.workers = workers;
  }

  @Override
  public int numPartitions() {
    return workers;
  }

  @Override
  public int getPartition(Object replica) {
    for (int worker = 0; worker < workers; worker++) {
      if ((Integer) replica < tree.shareOf(worker, workers).hi()) {
        return worker;
      }
    }
    throw new IllegalArgumentException("replica " + replica + " of " + tree.replicas());
  }
}
