package dev.kindling.ps.sync;

import dev.kindling.kernel.Kernels;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sum of one bucket over those clients of a round that answer. It is taken along the binary
 * tree of the clients' numbers, where two subtrees meet at the highest bit in which their numbers
 * differ and an empty one is left out: the bits depend on the set of the clients alone.
 *
 * <p>Two subtrees are added as soon as nobody in them is awaited any more, so that a round whose
 * clients come nearly in order holds few arrays.
 */
public final class ClientSum implements GradientSum {
  private static final Kernels KERNELS = Kernels.best();
  private static final int BITS = 31;

  /** The sum over a subtree, under the number of its first client. */
  private record Part(float[] array, int offset, double weight, Lender lender) {
    void release() {
      if (lender != null) {
        lender.release(array);
      }
    }
  }

  private final int length;
  private final Map<Integer, Part> arrived = new HashMap<>();
  private final TreeMap<Integer, Part> parts = new TreeMap<>();
  private boolean complete;
  private int at;

  /** Nothing has arrived for a bucket of that many elements. */
  public ClientSum(int length) {
    this.length = length;
  }

  @Override
  public Arrival add(int client, int hi, float[] array, int offset, double weight, Lender lender) {
    if (client < 0 || hi != client + 1) {
      return Arrival.CONFLICT;
    }
    if (arrived.containsKey(client) || parts.containsKey(client)) {
      return Arrival.DUPLICATE;
    }
    arrived.put(client, new Part(array, offset, weight, lender));
    return Arrival.STORED;
  }

  /** A client counts, with what has arrived of it, or has dropped out. */
  public void decide(int client, boolean counts, FederatedRound round) {
    Part part = arrived.remove(client);
    if (counts) {
      parts.put(client, part);
    } else if (part != null) {
      part.release();
    }
    for (int bits = 1; bits <= BITS && !isOpen(client, bits, round); bits++) {
      merge(first(client, bits), bits);
    }
  }

  private static boolean isOpen(int client, int bits, FederatedRound round) {
    long lo = first(client, bits);
    return round.isAnyAwaited(lo, lo + (1L << bits));
  }

  private static int first(int client, int bits) {
    return (int) (client & -(1L << bits));
  }

  /** The round is over: adds up what is left, and drops what did not arrive whole. */
  public void complete() {
    arrived.values().forEach(Part::release);
    arrived.clear();
    fold(0, BITS);
    complete = true;
  }

  private void fold(int lo, int bits) {
    Integer first = in(lo, bits);
    Integer next = first == null ? null : parts.higherKey(first);
    if (next != null && next - (long) lo < 1L << bits) {
      fold(lo, bits - 1);
      fold(lo + (1 << (bits - 1)), bits - 1);
      merge(lo, bits);
    }
  }

  /** Adds the two halves of a subtree, each of which is one part at most. */
  private void merge(int lo, int bits) {
    Integer left = in(lo, bits - 1);
    Integer right = in(lo + (1 << (bits - 1)), bits - 1);
    if (left != null && right != null) {
      Part a = parts.get(left);
      Part b = parts.remove(right);
      KERNELS.add(a.array, a.offset, b.array, b.offset, a.array, a.offset, length);
      parts.put(left, new Part(a.array, a.offset, a.weight + b.weight, a.lender));
      b.release();
    }
  }

  /** The first part of a subtree, or null. */
  private Integer in(int lo, int bits) {
    Integer key = parts.ceilingKey(lo);
    return key != null && key - (long) lo < 1L << bits ? key : null;
  }

  @Override
  public boolean isComplete() {
    return complete;
  }

  @Override
  public int waiting() {
    return held();
  }

  /** How many arrays are held. */
  public int held() {
    return arrived.size() + parts.size();
  }

  @Override
  public double weight() {
    return parts.firstEntry().getValue().weight;
  }

  @Override
  public void add(int from, int count, float[][] scratch, float[] into, int intoAt) {
    at = from;
  }

  @Override
  public float[] sum() {
    return parts.firstEntry().getValue().array;
  }

  @Override
  public int sumAt() {
    return parts.firstEntry().getValue().offset + at;
  }

  @Override
  public void clear() {
    arrived.values().forEach(Part::release);
    parts.values().forEach(Part::release);
    arrived.clear();
    parts.clear();
    complete = false;
  }
}
