package dev.kindling.train;

/**
 * The sum of squares of a range of the flat vector, added in one order whatever the range is cut
 * into. The nodes of the tree are [k 2^n, (k+1) 2^n) for every n and k: an element's square, or the
 * sum of the two nodes of half the length. What lies outside of the range counts as zero, and a
 * zero added to a sum of squares leaves its bits.
 *
 * <p>A part of a range is therefore known by the largest nodes that lie whole inside of it, two for
 * each power of two at most; from the nodes of the parts, in order, comes the sum of the whole. No
 * part needs to begin or end at a special place, so neither buckets nor shards are seen in the
 * bits. Squares of floats are exact in double precision.
 *
 * <p>An instance adds the nodes of one range. Not thread-safe.
 */
final class SquareTree {
  private static final int LEAF = 16;

  /** For each level, a node that waits for its right neighbour. */
  private final double[] waiting = new double[Long.SIZE];

  /** How many nodes a part [from, to) of the vector is made of. */
  static int nodes(long from, long to) {
    int count = 0;
    for (long at = from; at < to; at += size(at, to)) {
      count++;
    }
    return count;
  }

  /** Elements of the largest node that begins at {@code from} and ends at {@code to} or before. */
  private static long size(long from, long to) {
    long fits = Long.highestOneBit(to - from);
    return from == 0 ? fits : Math.min(fits, Long.lowestOneBit(from));
  }

  /**
   * Computes the nodes of a part.
   *
   * @param x holds the part's elements
   * @param shift added to a place in the vector gives the place in {@code x}
   * @param out takes the nodes, in order
   * @param outAt where the first one goes
   * @return where the next part's may go
   */
  static int measure(float[] x, long shift, long from, long to, double[] out, int outAt) {
    int next = outAt;
    long at = from;
    while (at < to) {
      int size = Math.toIntExact(size(at, to));
      out[next++] = node(x, (int) (at + shift), size);
      at += size;
    }
    return next;
  }

  private static double node(float[] x, int at, int size) {
    if (size == LEAF) {
      return (four(x, at) + four(x, at + 4)) + (four(x, at + 8) + four(x, at + 12));
    }
    if (size == 1) {
      return (double) x[at] * x[at];
    }
    int half = size / 2;
    return node(x, at, half) + node(x, at + half, half);
  }

  private static double four(float[] x, int at) {
    double a = x[at];
    double b = x[at + 1];
    double c = x[at + 2];
    double d = x[at + 3];
    return (a * a + b * b) + (c * c + d * d);
  }

  /** Forgets all nodes. */
  void clear() {
    java.util.Arrays.fill(waiting, 0);
  }

  /** Adds the nodes of the next part, as {@link #measure} wrote them; returns where they end. */
  int add(long from, long to, double[] nodes, int nodesAt) {
    int next = nodesAt;
    long at = from;
    while (at < to) {
      long size = size(at, to);
      add(Long.numberOfTrailingZeros(size), at / size, nodes[next++]);
      at += size;
    }
    return next;
  }

  private void add(int level, long index, double value) {
    double sum = value;
    int height = level;
    for (long k = index; (k & 1) == 1; k >>= 1) {
      sum = waiting[height] + sum;
      waiting[height++] = 0;
    }
    waiting[height] = sum;
  }

  /** The sum of all parts. */
  double sum() {
    double sum = 0;
    for (double node : waiting) {
      sum = node + sum;
    }
    return sum;
  }
}
