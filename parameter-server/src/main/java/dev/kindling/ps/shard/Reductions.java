package dev.kindling.ps.shard;

import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sums of double vectors along the replica tree, one for each key, computed once: whoever asks
 * again for a finished key gets the stored result. Thread-safe.
 */
final class Reductions {
  /** So many results are kept for those who ask again. */
  static final int KEPT = 1024;

  /** Told of each result once, before anybody can ask for it. */
  interface Observer {
    void complete(long key, double[] result);
  }

  private final ReplicaTree tree;
  private final Observer observer;
  private final Map<Long, Map<Node, double[]>> open = new HashMap<>();
  private final Map<Long, Result> done =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Result> eldest) {
          return size() > KEPT;
        }
      };
  private int incarnation;

  private static final class Result {
    private final double[] sum;
    private boolean isPublished;

    Result(double[] sum) {
      this.sum = sum;
    }
  }

  Reductions(ReplicaTree tree, Observer observer) {
    this.tree = tree;
    this.observer = observer;
  }

  /** Discards what earlier starts of the workers left unfinished. */
  synchronized void begin(int newIncarnation) {
    if (newIncarnation > incarnation) {
      incarnation = newIncarnation;
      open.clear();
    }
  }

  /**
   * Takes one node's vector; returns the result if this one completed it, else null. Nobody else
   * has the result before {@link #publish}.
   */
  synchronized double[] add(int from, long key, int lo, int hi, double[] vector) {
    if (from != incarnation || done.containsKey(key)) {
      return null;
    }
    Map<Node, double[]> arrived = open.computeIfAbsent(key, k -> new HashMap<>());
    arrived.putIfAbsent(new Node(lo, hi), vector.clone());
    double[] result = sum(tree.root(), arrived);
    if (result != null) {
      open.remove(key);
      observer.complete(key, result);
      done.put(key, new Result(result));
    }
    return result;
  }

  /** From now on a finished sum may be had by those who wait for it. */
  synchronized void publish(long key) {
    done.get(key).isPublished = true;
  }

  /** The published sum of a key, or null. */
  synchronized double[] result(long key) {
    Result result = done.get(key);
    return result != null && result.isPublished ? result.sum : null;
  }

  /** All that are finished. */
  synchronized Map<Long, double[]> finished() {
    Map<Long, double[]> all = new LinkedHashMap<>();
    done.forEach((key, result) -> all.put(key, result.sum));
    return all;
  }

  /** A sum that was finished elsewhere. */
  synchronized void restore(long key, double[] sum) {
    Result result = new Result(sum.clone());
    result.isPublished = true;
    done.put(key, result);
  }

  /** The sum over a node, or null while something is missing. */
  private static double[] sum(Node node, Map<Node, double[]> arrived) {
    double[] whole = arrived.get(node);
    if (whole != null || node.isLeaf()) {
      return whole;
    }
    double[] left = sum(node.left(), arrived);
    double[] right = sum(node.right(), arrived);
    return left == null || right == null ? null : plus(left, right);
  }

  /** The elementwise sum. */
  static double[] plus(double[] left, double[] right) {
    double[] sum = left.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += right[i];
    }
    return sum;
  }
}
