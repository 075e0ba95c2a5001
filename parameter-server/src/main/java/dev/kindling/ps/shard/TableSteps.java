package dev.kindling.ps.shard;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.SparseRows;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;

/**
 * Synchronous steps of a table: the rows' gradients of all replicas, added along the replica tree
 * and applied once; a row that a replica has no gradient of is an absent leaf. What comes twice is
 * dropped, what belongs to earlier starts or steps is not applied: as for buckets. Thread-safe.
 */
public final class TableSteps {
  /** The gradients of one node, as far as they have come. */
  private static final class Part {
    private final int pieces;
    private final double weight;
    private final TreeMap<Integer, SparseRows> arrived = new TreeMap<>();
    private SparseRows rows;

    Part(int pieces, double weight) {
      this.pieces = pieces;
      this.weight = weight;
    }
  }

  /** A sum over a node. */
  private record Sum(SparseRows rows, double weight) {}

  private final ReplicaTree tree;
  private final RowTable table;
  private final NonFinite nonFinite;
  private final LongToDoubleFunction factor;
  private final Map<Node, Part> open = new HashMap<>();
  private int incarnation;
  private long skipped;

  /**
   * Steps of a table, from its version on.
   *
   * @param factor on the learning rate of a step
   */
  public TableSteps(
      ReplicaTree tree, RowTable table, NonFinite nonFinite, LongToDoubleFunction factor) {
    this.tree = tree;
    this.table = table;
    this.nonFinite = nonFinite;
    this.factor = factor;
  }

  RowTable table() {
    return table;
  }

  /** A new start of the workers discards what is unfinished; returns the version. */
  public synchronized long begin(int newIncarnation) {
    if (newIncarnation > incarnation) {
      incarnation = newIncarnation;
      open.clear();
    }
    return table.version();
  }

  /** Gradients of nodes that have come and are not applied. */
  synchronized int waiting() {
    return open.size();
  }

  /** How many steps changed nothing because their gradient was not finite. */
  public synchronized long skipped() {
    return skipped;
  }

  /** Takes the sums over the replicas [lo, hi) in one piece. */
  public PushOutcome push(int sender, long step, int lo, int hi, SparseRows rows, double weight) {
    return push(sender, step, lo, hi, 0, 1, rows, weight);
  }

  /**
   * Takes a piece of the sums over the replicas [lo, hi); the last one makes the next version.
   *
   * @param piece which of the {@code pieces}: their keys ascend from one to the next
   * @param weight samples, or the sum of their weights
   * @throws ParameterServerException if the sum is not finite and the policy is to stop
   */
  public synchronized PushOutcome push(
      int sender,
      long step,
      int lo,
      int hi,
      int piece,
      int pieces,
      SparseRows rows,
      double weight) {
    if (sender != incarnation) {
      return sender < incarnation ? PushOutcome.STALE_INCARNATION : PushOutcome.REFUSED;
    }
    if (step != table.version()) {
      return step < table.version() ? PushOutcome.APPLIED_BEFORE : PushOutcome.REFUSED;
    }
    if (!tree.contains(lo, hi) || rows.width() != table.spec().width()) {
      return PushOutcome.REFUSED;
    }
    PushOutcome outcome = store(new Node(lo, hi), piece, pieces, rows, weight);
    if (outcome != PushOutcome.STORED || !isComplete(tree.root())) {
      return outcome;
    }
    Sum sum = sum(tree.root());
    open.clear();
    commit(sum);
    return PushOutcome.COMPLETED;
  }

  private PushOutcome store(Node node, int piece, int pieces, SparseRows rows, double weight) {
    Part part = open.computeIfAbsent(node, n -> new Part(pieces, weight));
    if (part.pieces != pieces || piece < 0 || piece >= pieces) {
      return PushOutcome.REFUSED;
    }
    if (part.rows != null || part.arrived.putIfAbsent(piece, rows) != null) {
      return PushOutcome.DUPLICATE;
    }
    if (part.arrived.size() == pieces) {
      part.rows = SparseRows.join(rows.width(), part.arrived.values());
      part.arrived.clear();
    }
    return PushOutcome.STORED;
  }

  private boolean isComplete(Node node) {
    Part part = open.get(node);
    if (part != null && part.rows != null) {
      return true;
    }
    return !node.isLeaf() && isComplete(node.left()) && isComplete(node.right());
  }

  private Sum sum(Node node) {
    Part whole = open.get(node);
    if (whole != null && whole.rows != null) {
      return new Sum(whole.rows, whole.weight);
    }
    Sum left = sum(node.left());
    Sum right = sum(node.right());
    return new Sum(SparseRows.plus(left.rows, right.rows), left.weight + right.weight);
  }

  private void commit(Sum sum) {
    if (sum.rows.isFinite()) {
      table.apply(sum.rows, sum.weight, factor.applyAsDouble(table.version()));
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
}
