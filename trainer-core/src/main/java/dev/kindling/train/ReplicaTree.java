package dev.kindling.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The fixed binary tree along which the replicas [0, R) are added: the node [lo, hi) splits after
 * the largest power of two below hi - lo. Whatever worker computes a replica, the same two numbers
 * meet at the same node, so the sum has the same bits. Immutable.
 *
 * @param replicas number of leaves
 */
public record ReplicaTree(int replicas) implements Serializable {

  /** Needs at least one replica. */
  public ReplicaTree {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas is " + replicas + "; it must be at least 1");
    }
  }

  /**
   * The replicas [lo, hi) as one node.
   *
   * @param lo first replica
   * @param hi one past the last
   */
  public record Node(int lo, int hi) implements Serializable {
    /** Whether this is a single replica. */
    public boolean isLeaf() {
      return hi - lo == 1;
    }

    /** Where the node splits: lo plus the largest power of two below its size. */
    public int split() {
      return lo + Integer.highestOneBit(hi - lo - 1);
    }

    /** The lower child. */
    public Node left() {
      return new Node(lo, split());
    }

    /** The upper child. */
    public Node right() {
      return new Node(split(), hi);
    }
  }

  /** The whole tree. */
  public Node root() {
    return new Node(0, replicas);
  }

  /** Whether [lo, hi) is a node of this tree. */
  public boolean contains(int lo, int hi) {
    return lo >= 0 && lo < hi && hi <= replicas && cover(lo, hi).size() == 1;
  }

  /** The largest nodes that lie whole inside [lo, hi), from the left to the right. */
  public List<Node> cover(int lo, int hi) {
    List<Node> nodes = new ArrayList<>();
    collect(root(), lo, hi, nodes);
    return List.copyOf(nodes);
  }

  /** The largest nodes that lie whole inside a range of replicas. */
  public List<Node> cover(Node range) {
    return cover(range.lo(), range.hi());
  }

  /**
   * The largest nodes that lie whole inside several ranges together, from the left to the right.
   */
  public List<Node> cover(List<Node> ranges) {
    BitSet covered = new BitSet(replicas);
    ranges.forEach(range -> covered.set(range.lo(), range.hi()));
    List<Node> nodes = new ArrayList<>();
    int lo = covered.nextSetBit(0);
    while (lo >= 0) {
      int hi = covered.nextClearBit(lo);
      nodes.addAll(cover(lo, hi));
      lo = covered.nextSetBit(hi);
    }
    return List.copyOf(nodes);
  }

  /** Each replica of a range by itself. */
  public List<Node> leaves(Node range) {
    return IntStream.range(range.lo(), range.hi()).mapToObj(r -> new Node(r, r + 1)).toList();
  }

  private static void collect(Node node, int lo, int hi, List<Node> into) {
    if (lo <= node.lo() && node.hi() <= hi) {
      into.add(node);
    } else if (node.lo() < hi && lo < node.hi()) {
      collect(node.left(), lo, hi, into);
      collect(node.right(), lo, hi, into);
    }
  }

  /** The replicas that worker {@code index} of {@code workers} holds: a contiguous, even share. */
  public Node shareOf(int index, int workers) {
    int lo = (int) ((long) index * replicas / workers);
    int hi = (int) ((long) (index + 1) * replicas / workers);
    return new Node(lo, hi);
  }
}
