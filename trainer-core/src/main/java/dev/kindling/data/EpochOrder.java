package dev.kindling.data;

import dev.kindling.kernel.Philox;

/**
 * The order in which a replica takes the rows of its slice: a permutation for each epoch, drawn
 * from (seed, epoch, replica). Keeps the current epoch's; not thread-safe.
 */
public final class EpochOrder {
  private static final int STREAM = 2 << 24;

  private final long seed;
  private final int replica;
  private final int[] order;
  private int epoch = -1;

  /** The orders of one replica's slice. */
  public EpochOrder(long seed, int replica, int size) {
    this.seed = seed;
    this.replica = replica;
    this.order = new int[size];
  }

  /** The permutation of an epoch, counted from zero; valid until another epoch is asked for. */
  public int[] at(int epoch) {
    if (epoch != this.epoch) {
      new Philox(seed, STREAM + replica, epoch).permutation(order);
      this.epoch = epoch;
    }
    return order;
  }
}
