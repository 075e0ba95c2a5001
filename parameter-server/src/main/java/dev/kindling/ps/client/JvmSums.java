package dev.kindling.ps.client;

import dev.kindling.ps.ServerLocation;
import dev.kindling.train.Buckets;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.Arrays;
import java.util.List;

/**
 * Adds what the workers of one JVM push, along the replica tree, before anything is sent: only the
 * largest nodes that they cover together go on. The sums have the same bits as if the shard had
 * added the parts. Thread-safe; who brings the last part of a bucket adds it.
 */
final class JvmSums {
  private final List<Node> nodes;
  private final BucketSum[][] buckets;
  private final NodeSum<SparseRows>[][] tables;
  private final Target target;

  /** Where the sums of whole nodes go. */
  interface Target {
    /** A bucket's gradients over the node of this number. */
    void push(int node, long step, int bucket, float[] sums, double weight);

    /** The gradients of a table's rows over the node of this number. */
    void pushRows(int node, long step, int table, SparseRows sums, double weight);
  }

  /**
   * Nothing was pushed.
   *
   * @param replicas those of each of the workers
   * @param nodes what goes on; a node that is pushed is one of them, or part of one
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  JvmSums(ServerLocation location, List<Node> replicas, List<Node> nodes, Target target) {
    this.nodes = nodes;
    this.target = target;
    Buckets all = location.buckets();
    buckets = new BucketSum[nodes.size()][];
    tables = new NodeSum[nodes.size()][];
    for (int node = 0; node < buckets.length; node++) {
      Node whole = nodes.get(node);
      boolean isAdded = replicas.stream().noneMatch(one -> holds(one, whole));
      buckets[node] = new BucketSum[isAdded ? all.count() : 0];
      tables[node] = new NodeSum[isAdded ? location.tables() : 0];
      Arrays.setAll(buckets[node], b -> new BucketSum(whole, all, b, location.rounding()));
      Arrays.setAll(tables[node], table -> new NodeSum<>(whole, SparseRows::plus));
    }
  }

  /** Whether one worker computes all of a node, and pushes it whole. */
  private static boolean holds(Node worker, Node node) {
    return worker.lo() <= node.lo() && node.hi() <= worker.hi();
  }

  /** The number of a node, or of the one that it is a part of. */
  private int find(int lo, int hi) {
    int around = -1;
    for (int n = 0; n < nodes.size(); n++) {
      Node node = nodes.get(n);
      if (node.lo() == lo && node.hi() == hi) {
        return n;
      }
      around = node.lo() <= lo && hi <= node.hi() ? n : around;
    }
    if (around < 0) {
      throw new IllegalArgumentException(
          "replicas [%d, %d) are no part of what is computed here: %s".formatted(lo, hi, nodes));
    }
    return around;
  }

  private boolean isWhole(int node, int lo, int hi) {
    return nodes.get(node).hi() - nodes.get(node).lo() == hi - lo;
  }

  /** Takes one worker's gradients; the array of the left half is added to. */
  void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
    int node = find(lo, hi);
    if (isWhole(node, lo, hi)) {
      target.push(node, step, bucket, sums, weight);
      return;
    }
    BucketSum sum = buckets[node][bucket];
    float[] whole;
    double all;
    synchronized (sum) {
      whole = sum.add(step, lo, hi, sums, weight);
      all = sum.weight();
    }
    if (whole != null) {
      target.push(node, step, bucket, whole, all);
    }
  }

  /** Takes the gradients of one worker's rows of a table. */
  void pushRows(long step, int table, int lo, int hi, SparseRows rows, double weight) {
    int node = find(lo, hi);
    if (isWhole(node, lo, hi)) {
      target.pushRows(node, step, table, rows, weight);
      return;
    }
    NodeSum<SparseRows> sum = tables[node][table];
    SparseRows whole;
    double all;
    synchronized (sum) {
      whole = sum.add(lo, hi, rows, weight);
      all = sum.weight();
    }
    if (whole != null) {
      target.pushRows(node, step, table, whole, all);
    }
  }

  /** The gradient noise of what was added here; nothing where nothing was. */
  Estimate noise() {
    return Arrays.stream(buckets)
        .flatMap(Arrays::stream)
        .map(BucketSum::noise)
        .reduce(Estimate.NONE, Estimate::plus);
  }

  /** Forgets parts whose others will not come. */
  void forget() {
    for (int node = 0; node < buckets.length; node++) {
      for (BucketSum sum : buckets[node]) {
        sum.forget();
      }
      for (NodeSum<SparseRows> sum : tables[node]) {
        synchronized (sum) {
          sum.forget();
        }
      }
    }
  }
}
