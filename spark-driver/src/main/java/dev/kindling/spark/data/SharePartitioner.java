package dev.kindling.spark.data;

import org.apache.spark.Partitioner;

/**
 * Sends rows to the workers that compute them; a key is {@code worker * replicas + replica}, so
 * that the rows of one replica can go to several workers.
 */
final class SharePartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final int replicas;
  private final int workers;

  SharePartitioner(WorkerShares shares) {
    replicas = shares.tree().replicas();
    workers = shares.workers();
  }

  int key(int worker, int replica) {
    return Math.addExact(Math.multiplyExact(worker, replicas), replica);
  }

  int replica(int key) {
    return key % replicas;
  }

  @Override
  public int numPartitions() {
    return workers;
  }

  @Override
  public int getPartition(Object key) {
    return (Integer) key / replicas;
  }
}
