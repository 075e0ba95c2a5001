package dev.kindling.ps.table;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.shard.PushOutcome;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import java.util.HashMap;
import java.util.Map;

/**
 * Synchronous steps of a table: the rows' gradients of all replicas, added along the replica tree
 * and applied once. What comes twice is dropped, what belongs to earlier starts or steps is not
 * applied: as for buckets. Thread-safe.
 */
public final class TableSteps {
  /** The gradients of one node. */
  private record Part(SparseRows rows, double weight) {}

  private final ReplicaTree tree;
  private final RowTable table;
  private final NonFinite nonFinite;
  private final Map<Node, Part> open = new HashMap<>();
  private int incarnation;
  private long skipped;

  /** Steps of a table, from its version on. */
  public TableSteps(ReplicaTree tree, RowTable table, NonFinite nonFinite) {
    this.tree = tree;
    this.table = table;
    if (nonFinite == NonFinite.ROLL_BACK) {
      throw new IllegalArgumentException(
          "table %s keeps no earlier version to go back to: choose abort or skip"
              .formatted(table.spec().name()));
    }
    this.nonFinite = nonFinite;
  }

  /** A new start of the workers discards what is unfinished; returns the version. */
  public synchronized long begin(int newIncarnation) {
    if (newIncarnation > incarnation) {
      incarnation = newIncarnation;
      open.clear();
    }
    return table.version();
  }

  /** How many steps changed nothing because their gradient was not finite. */
  public synchronized long skipped() {
    return skipped;
  }

  /**
   * Takes the sums over the replicas [lo, hi); the last ones make the next version.
   *
   * @param weight samples, or the sum of their weights
   * @param lr learning rate of the step
   * @throws ParameterServerException if the sum is not finite and the policy is to stop
   */
  public synchronized PushOutcome push(
      int sender, long step, int lo, int hi, SparseRows rows, double weight, float lr) {
    if (sender != incarnation) {
      return sender < incarnation ? PushOutcome.STALE_INCARNATION : PushOutcome.REFUSED;
    }
    if (step != table.version()) {
      return step < table.version() ? PushOutcome.APPLIED_BEFORE : PushOutcome.REFUSED;
    }
    if (!tree.contains(lo, hi) || rows.width() != table.spec().width()) {
      return PushOutcome.REFUSED;
    }
    if (open.putIfAbsent(new Node(lo, hi), new Part(rows, weight)) != null) {
      return PushOutcome.DUPLICATE;
    }
    Part sum = sum(tree.root());
    if (sum == null) {
      return PushOutcome.STORED;
    }
    open.clear();
    commit(sum, lr);
    return PushOutcome.COMPLETED;
  }

  private void commit(Part sum, float lr) {
    if (sum.rows.isFinite()) {
      table.apply(sum.rows, sum.weight, lr);
    } else if (nonFinite == NonFinite.SKIP) {
      skipped++;
      table.skip();
    } else {
      throw new ParameterServerException(
          Reason.DIVERGED,
          "step %d: the gradient of table %s is not finite, so it was not applied"
              .formatted(table.version(), table.spec().name()));
    }
  }

  /** The sum over a node, or null while something is missing. */
  private Part sum(Node node) {
    Part whole = open.get(node);
    if (whole != null || node.isLeaf()) {
      return whole;
    }
    Part left = sum(node.left());
    Part right = left == null ? null : sum(node.right());
    return right == null
        ? null
        : new Part(SparseRows.plus(left.rows, right.rows), left.weight + right.weight);
  }
}
