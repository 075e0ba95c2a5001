package dev.kindling.ps.sync;

/**
 * The sum of one bucket's gradients in an order that does not depend on who comes first. Not
 * thread-safe; the bucket's lock guards it.
 */
public sealed interface GradientSum permits TreeSum, ClientSum {
  /** What became of an arrival. */
  enum Arrival {
    /** It is kept. */
    STORED,
    /** Its replicas are there already. */
    DUPLICATE,
    /** It is no node of the tree. */
    CONFLICT
  }

  /** Takes an array back when its values are no longer needed. */
  @FunctionalInterface
  interface Lender {
    /** The array may be used again. */
    void release(float[] array);
  }

  /**
   * Keeps the sums over the replicas [lo, hi), which stand in {@code array} from {@code offset}.
   *
   * @param lender gets the array back after the step; null when its owner keeps it untouched. Only
   *     a stored array is given back.
   */
  Arrival add(int lo, int hi, float[] array, int offset, double weight, Lender lender);

  /** Whether all is there that the step takes. */
  boolean isComplete();

  /** How many gradients have arrived, one for each replica or client, that are here still. */
  int waiting();

  /** The sum of the weights. */
  double weight();

  /**
   * Adds {@code length} elements from {@code at} on; {@link #sum} and {@link #sumAt} then tell
   * where the result stands: in {@code into}, or in place when one array holds all.
   *
   * @param scratch one array for each level of the tree but the first
   */
  void add(int at, int length, float[][] scratch, float[] into, int intoAt);

  /** The array that holds the last result. */
  float[] sum();

  /** Where the last result starts. */
  int sumAt();

  /** Forgets everything and gives lent arrays back. */
  void clear();
}
