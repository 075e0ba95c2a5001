package dev.kindling.ps.sync;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.kernel.Kernels;
import dev.kindling.train.NoiseScale;
import dev.kindling.train.ReplicaTree;
import java.util.Arrays;

/**
 * One bucket's gradients of one step as they arrive, each for a node of the replica tree, and their
 * sum once every replica is covered.
 *
 * <p>The tree's nodes are numbered in preorder: a node's left child follows it, its right child
 * follows the left one's {@code 2 * leaves - 1} nodes. Two halves of a node are added as soon as
 * both are here, in the left one's array while they are in the cache, if that array was lent; what
 * belongs to workers is read where it is once the tree is complete, as are the two halves of the
 * whole. All of it is rounded as it travels. Not thread-safe; the bucket's lock guards it.
 */
public final class TreeSum implements GradientSum {
  private static final Kernels KERNELS = Kernels.best();

  private final int replicas;
  private final int length;
  private final FloatFormat format;
  private final int rounded;
  private final int[] covered;
  private final float[][] arrays;
  private final int[] offsets;
  private final double[] weights;
  private final Lender[] lenders;

  private float[] found;
  private int foundAt;

  /**
   * Nothing has arrived.
   *
   * @param length elements of the bucket
   * @param format what every node is rounded to
   * @param rounded elements of the bucket, from its start, for which that holds
   */
  public TreeSum(ReplicaTree tree, int length, FloatFormat format, int rounded) {
    this.length = length;
    this.format = format;
    this.rounded = rounded;
    replicas = tree.replicas();
    int nodes = 2 * replicas - 1;
    covered = new int[nodes];
    arrays = new float[nodes][];
    offsets = new int[nodes];
    weights = new double[nodes];
    lenders = new Lender[nodes];
  }

  /**
   * {@inheritDoc}
   *
   * <p>A node takes the place of what is there of its replicas: a sum has the same bits, whoever
   * computed it.
   */
  @Override
  public Arrival add(int lo, int hi, float[] array, int offset, double weight, Lender lender) {
    int node = find(lo, hi);
    if (node < 0) {
      return node == COVERED ? Arrival.DUPLICATE : Arrival.CONFLICT;
    }
    if (covered[node] == hi - lo) {
      return Arrival.DUPLICATE;
    }
    if (covered[node] > 0) {
      uncover(node, lo, hi);
    }
    arrays[node] = array;
    offsets[node] = offset;
    weights[node] = weight;
    lenders[node] = lender;
    cover(lo, hi, hi - lo - covered[node]);
    fold(0, 0, replicas, lo, hi);
    return Arrival.STORED;
  }

  /** Adds up, from the bottom, the nodes above [lo, hi) whose halves are both here. */
  private void fold(int node, int from, int to, int lo, int hi) {
    if (from == lo && to == hi) {
      return;
    }
    int split = split(from, to);
    int right = right(node, from, split);
    if (hi <= split) {
      fold(node + 1, from, split, lo, hi);
    } else {
      fold(right, split, to, lo, hi);
    }
    if (node > 0 && lenders[node + 1] != null && arrays[right] != null) {
      join(node, node + 1, right);
    }
  }

  private void join(int node, int left, int right) {
    float[] sum = arrays[left];
    KERNELS.add(sum, offsets[left], arrays[right], offsets[right], sum, offsets[left], length);
    format.round(sum, offsets[left], rounded);
    arrays[node] = sum;
    offsets[node] = offsets[left];
    weights[node] = weights[left] + weights[right];
    lenders[node] = lenders[left];
    arrays[left] = null;
    lenders[left] = null;
    forget(right);
    covered[left] = 0;
    covered[right] = 0;
  }

  private static final int ABSENT = -1;
  private static final int COVERED = -2;

  /** The number of the node [lo, hi). */
  private int find(int lo, int hi) {
    int node = 0;
    int from = 0;
    int to = replicas;
    while (from != lo || to != hi) {
      if (arrays[node] != null) {
        return COVERED;
      }
      if (lo < from || hi > to || hi <= lo || to - from == 1) {
        return ABSENT;
      }
      int split = split(from, to);
      if (hi <= split) {
        node = node + 1;
        to = split;
      } else {
        node = right(node, from, split);
        from = split;
      }
    }
    return node;
  }

  /** Forgets the parts below a node. */
  private void uncover(int node, int lo, int hi) {
    for (int below = node + 1; below < node + 2 * (hi - lo) - 1; below++) {
      forget(below);
      covered[below] = 0;
    }
  }

  private void cover(int lo, int hi, int more) {
    int node = 0;
    int from = 0;
    int to = replicas;
    covered[0] += more;
    while (from != lo || to != hi) {
      int split = split(from, to);
      if (hi <= split) {
        node = node + 1;
        to = split;
      } else {
        node = right(node, from, split);
        from = split;
      }
      covered[node] += more;
    }
  }

  private static int split(int lo, int hi) {
    return lo + Integer.highestOneBit(hi - lo - 1);
  }

  private static int right(int node, int lo, int split) {
    return node + 2 * (split - lo);
  }

  @Override
  public boolean isComplete() {
    return covered[0] == replicas;
  }

  @Override
  public int waiting() {
    return covered[0];
  }

  /** Whether the replicas in [lo, hi) have all arrived. */
  public boolean covers(int lo, int hi) {
    return covers(0, 0, replicas, lo, hi);
  }

  private boolean covers(int node, int from, int to, int lo, int hi) {
    if (hi <= from || to <= lo || covered[node] == to - from) {
      return true;
    }
    if (to - from == 1) {
      return false;
    }
    int split = split(from, to);
    return covers(node + 1, from, split, lo, hi)
        && covers(right(node, from, split), split, to, lo, hi);
  }

  @Override
  public double weight() {
    return weight(0, 0, replicas);
  }

  private double weight(int node, int lo, int hi) {
    if (arrays[node] != null) {
      return weights[node];
    }
    int split = split(lo, hi);
    return weight(node + 1, lo, split) + weight(right(node, lo, split), split, hi);
  }

  @Override
  public void add(int at, int length, float[][] scratch, float[] into, int intoAt) {
    add(0, 0, replicas, at, length, scratch, 0, into, intoAt);
  }

  /** The sum of a node goes to {@code into}; that of its right child to a level's scratch. */
  private void add(
      int node,
      int lo,
      int hi,
      int at,
      int length,
      float[][] scratch,
      int level,
      float[] into,
      int intoAt) {
    if (arrays[node] != null) {
      found = arrays[node];
      foundAt = offsets[node] + at;
      return;
    }
    int split = split(lo, hi);
    add(node + 1, lo, split, at, length, scratch, level, into, intoAt);
    float[] left = found;
    int leftAt = foundAt;
    float[] below = scratch[level];
    add(right(node, lo, split), split, hi, at, length, scratch, level + 1, below, 0);
    KERNELS.add(left, leftAt, found, foundAt, into, intoAt, length);
    format.round(into, intoAt, Math.max(0, Math.min(length, rounded - at)));
    found = into;
    foundAt = intoAt;
  }

  /**
   * Shows each node that arrived to the noise scale.
   *
   * @param from where the bucket stands in the flat vector
   * @return false, with nothing shown, if it is one node only
   */
  public boolean measure(NoiseScale noise, long from, int length) {
    if (arrays[0] != null) {
      return false;
    }
    for (int node = 1; node < arrays.length; node++) {
      if (arrays[node] != null) {
        noise.addLeaf(arrays[node], offsets[node] - from, from, from + length);
        noise.endLeaf(weights[node]);
      }
    }
    return true;
  }

  @Override
  public float[] sum() {
    return found;
  }

  @Override
  public int sumAt() {
    return foundAt;
  }

  @Override
  public void clear() {
    for (int node = 0; node < arrays.length; node++) {
      forget(node);
    }
    Arrays.fill(covered, 0);
    found = null;
  }

  private void forget(int node) {
    if (lenders[node] != null) {
      lenders[node].release(arrays[node]);
      lenders[node] = null;
    }
    arrays[node] = null;
  }
}
