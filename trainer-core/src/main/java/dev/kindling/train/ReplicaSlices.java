package dev.kindling.train;

import dev.kindling.data.BatchShares;
import dev.kindling.data.EpochOrder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.augment.Augmentation;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * The data of the replicas that a worker holds: which rows each takes at which step. Every epoch
 * permutes each slice anew, from the seed. Not thread-safe.
 */
public final class ReplicaSlices {
  private final RowFormat format;
  private final List<Slice> slices;
  private final int lo;
  private final BatchShares shares;
  private final EpochOrder[] orders;
  private final long stepsPerEpoch;

  /**
   * The slices of replicas lo, lo + 1, ...
   *
   * @param shares of the whole data set
   */
  public ReplicaSlices(
      RowFormat format, List<Slice> slices, int lo, BatchShares shares, long seed) {
    this.format = format;
    this.slices = List.copyOf(slices);
    this.lo = lo;
    this.shares = shares;
    this.stepsPerEpoch = shares.stepsPerEpoch();
    this.orders = new EpochOrder[slices.size()];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = new EpochOrder(seed, lo + i, slices.get(i).size());
    }
  }

  /** What every row is made of. */
  public RowFormat format() {
    return format;
  }

  /** Number of rows that the replicas [lo, hi) take together at a step of the run. */
  public int rows(int lo, int hi, long step) {
    int rows = 0;
    for (int replica = lo; replica < hi; replica++) {
      rows += shares.count(replica, step % stepsPerEpoch);
    }
    return rows;
  }

  /**
   * Gathers one replica's rows of a step.
   *
   * @param augmentation changes them; null where they stay as they are
   */
  void fill(int replica, long step, BatchInput into, Augmentation augmentation) {
    int epoch = (int) (step / stepsPerEpoch);
    int[] order = orders[replica - lo].at(epoch);
    int from = shares.from(replica, step % stepsPerEpoch);
    into.fill(slices.get(replica - lo), order, from);
    if (augmentation != null) {
      Tensor features = into.features();
      augmentation.apply(epoch, order, from, features.size(0), features.array(), features.offset());
    }
  }
}
