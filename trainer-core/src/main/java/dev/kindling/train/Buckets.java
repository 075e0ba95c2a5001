package dev.kindling.train;

import java.io.Serializable;

/**
 * The flat vector cut into pieces that travel as one: at most 1 MiB each and at least eight a
 * model, whatever the tensors' borders, so that small tensors share a bucket and a large one is
 * split. Immutable.
 *
 * @param length elements of the vector
 * @param size elements of each bucket but the last
 */
public record Buckets(long length, int size) implements Serializable {
  /** 1 MiB of float32. */
  public static final int LARGEST = (1 << 20) / Float.BYTES;

  /** Buckets of a model, at least. */
  public static final int FEWEST = 8;

  private static final int ALIGNMENT = 16;

  /** Cuts a vector of the given length. */
  public static Buckets of(long length) {
    long even = (length + FEWEST - 1) / FEWEST;
    long aligned = (even + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return new Buckets(length, (int) Math.max(ALIGNMENT, Math.min(LARGEST, aligned)));
  }

  /** How many there are. */
  public int count() {
    return (int) ((length + size - 1) / size);
  }

  /** First element of a bucket. */
  public long from(int bucket) {
    return (long) bucket * size;
  }

  /** One past the last element of a bucket. */
  public long to(int bucket) {
    return Math.min(length, from(bucket) + size);
  }

  /** Elements of a bucket. */
  public int length(int bucket) {
    return (int) (to(bucket) - from(bucket));
  }

  /** The bucket that holds an element. */
  public int holding(long element) {
    return (int) (element / size);
  }
}
