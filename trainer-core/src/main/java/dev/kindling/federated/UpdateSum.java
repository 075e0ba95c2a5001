package dev.kindling.federated;

import dev.kindling.kernel.Kernels;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The sum of the updates of some clients: all that leaves them. The sum over a node of the tree has
 * the same bits wherever it was added; a client that did not answer is left out, not counted as
 * zero.
 *
 * @param deltas what each client's flat vector has changed by, times its weight, added up; owned by
 *     this sum
 * @param weight of the clients together: their rows, or one each where that must not be told
 * @param metrics of their training
 * @param controls new control variates by client, for SCAFFOLD; else empty
 * @param answered numbers of the clients, ascending
 */
public record UpdateSum(
    float[] deltas,
    double weight,
    MetricSums metrics,
    SortedMap<Integer, float[]> controls,
    int[] answered)
    implements Serializable {
  private static final Kernels KERNELS = Kernels.best();

  /**
   * The sum over a node, as far as anybody in it answered.
   *
   * @param known the sums of nodes that need no more adding, single clients at least; null where
   *     the node must be split
   */
  public static Optional<UpdateSum> over(Node node, Function<Node, Optional<UpdateSum>> known) {
    Optional<UpdateSum> whole = known.apply(node);
    if (whole != null) {
      return whole;
    }
    Optional<UpdateSum> left = over(node.left(), known);
    Optional<UpdateSum> right = over(node.right(), known);
    if (left.isEmpty() || right.isEmpty()) {
      return left.isPresent() ? left : right;
    }
    return Optional.of(left.get().plus(right.get()));
  }

  /** Adds into the vector of this sum. */
  private UpdateSum plus(UpdateSum right) {
    KERNELS.add(deltas, 0, right.deltas, 0, deltas, 0, deltas.length);
    SortedMap<Integer, float[]> all = new TreeMap<>(controls);
    all.putAll(right.controls);
    int[] both = new int[answered.length + right.answered.length];
    System.arraycopy(answered, 0, both, 0, answered.length);
    System.arraycopy(right.answered, 0, both, answered.length, right.answered.length);
    return new UpdateSum(deltas, weight + right.weight, metrics.plus(right.metrics), all, both);
  }
}
