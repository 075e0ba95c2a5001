package dev.kindling.ps.client;

import dev.kindling.train.ReplicaTree.Node;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/**
 * The sum of a node of the replica tree, of parts that come in any order: two halves are added as
 * soon as both are here. Not thread-safe.
 *
 * <p>The nodes below are numbered in preorder: a node's left child follows it, its right child
 * follows the left one's {@code 2 * leaves - 1} nodes.
 *
 * @param <T> what is added
 */
final class NodeSum<T> {
  private final Node whole;
  private final BinaryOperator<T> plus;

  /** Of each node, the half that came first. */
  private final Object[] halves;

  private final double[] halfWeights;
  private double weight;

  /**
   * Nothing has come.
   *
   * @param plus adds the right half to the left one
   */
  NodeSum(Node whole, BinaryOperator<T> plus) {
    this.whole = whole;
    this.plus = plus;
    int nodes = 2 * (whole.hi() - whole.lo()) - 1;
    halves = new Object[nodes];
    halfWeights = new double[nodes];
  }

  /**
   * Takes the sum of a node below.
   *
   * @return the sum of the whole if this was the last part, else null
   */
  T add(int lo, int hi, T part, double partWeight) {
    weight = partWeight;
    return add(0, whole.lo(), whole.hi(), lo, hi, part);
  }

  /** The weight of the sum that {@link #add} gave. */
  double weight() {
    return weight;
  }

  /** The sum of [from, to) if it is whole now. */
  private T add(int node, int from, int to, int lo, int hi, T part) {
    if (from == lo && to == hi) {
      return part;
    }
    int split = from + Integer.highestOneBit(to - from - 1);
    boolean isLeft = hi <= split;
    T half =
        isLeft
            ? add(node + 1, from, split, lo, hi, part)
            : add(node + 2 * (split - from), split, to, lo, hi, part);
    return half == null ? null : meet(node, isLeft, half);
  }

  @SuppressWarnings("unchecked")
  private T meet(int node, boolean isLeft, T half) {
    T other = (T) halves[node];
    if (other == null) {
      halves[node] = half;
      halfWeights[node] = weight;
      return null;
    }
    halves[node] = null;
    weight += halfWeights[node];
    return isLeft ? plus.apply(half, other) : plus.apply(other, half);
  }

  /** Forgets what has come. */
  void forget() {
    Arrays.fill(halves, null);
  }
}
