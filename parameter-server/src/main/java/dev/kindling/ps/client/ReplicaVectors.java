package dev.kindling.ps.client;

import dev.kindling.ps.Worker;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds a worker's double vectors, one for each replica, along the replica tree. */
final class ReplicaVectors {
  private ReplicaVectors() {}

  /** The sums over the largest nodes that lie whole inside the worker's replicas. */
  static Map<Node, double[]> nodes(ReplicaTree tree, Worker worker, double[]... replicas) {
    if (replicas.length != worker.hi() - worker.lo()) {
      throw new IllegalArgumentException(
          "%s: reduce takes one vector for each replica; %d are given"
              .formatted(worker, replicas.length));
    }
    Map<Node, double[]> sums = new LinkedHashMap<>();
    for (Node node : tree.cover(worker.lo(), worker.hi())) {
      sums.put(node, sum(node, worker.lo(), replicas));
    }
    return sums;
  }

  private static double[] sum(Node node, int first, double[]... replicas) {
    if (node.isLeaf()) {
      return replicas[node.lo() - first].clone();
    }
    double[] left = sum(node.left(), first, replicas);
    double[] right = sum(node.right(), first, replicas);
    for (int i = 0; i < left.length; i++) {
      left[i] += right[i];
    }
    return left;
  }
}
