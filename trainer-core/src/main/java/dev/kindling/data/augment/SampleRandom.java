package dev.kindling.data.augment;

import dev.kindling.kernel.Philox;

/**
 * The random numbers of one row in one epoch, keyed by (seed, replica, epoch, row): they do not
 * depend on the batch, the step or the worker. Moved from row to row; not thread-safe.
 */
public final class SampleRandom {
  private static final int STREAM = 4 << 24;

  private final long seed;
  private final int stream;
  private final int[] block = new int[4];
  private int epoch;
  private int row;
  private int drawn;

  /** The numbers of one replica's rows. */
  public SampleRandom(long seed, int replica) {
    this.seed = seed;
    this.stream = STREAM + replica;
  }

  /** Starts the numbers of a row, named by its place in the replica's slice. */
  public void moveTo(int epoch, int row) {
    this.epoch = epoch;
    this.row = row;
    this.drawn = 0;
  }

  private int next() {
    int place = drawn % block.length;
    if (place == 0) {
      // The stream is the third word, as in Philox itself: no other purpose meets these counters.
      Philox.block(seed, row, epoch, stream, drawn / block.length, block);
    }
    drawn++;
    return block[place];
  }

  /** A whole number in [low, high]. */
  public int between(int low, int high) {
    return low + (int) (((next() & 0xffffffffL) * (high - low + 1L)) >>> 32);
  }

  /** A float in [0, 1). */
  public float uniform() {
    return (next() >>> 8) * 0x1p-24f;
  }
}
