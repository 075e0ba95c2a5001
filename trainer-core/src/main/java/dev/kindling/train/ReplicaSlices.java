package dev.kindling.train;

import dev.kindling.data.BatchShares;
import dev.kindling.data.EpochOrder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.data.augment.Augmentation;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The data of the replicas that a worker holds: which rows each takes at which step. Every epoch
 * permutes each slice anew, from the seed. Not thread-safe.
 */
public final class ReplicaSlices {
  private static final int IDLE_SECONDS = 1;

  private final RowFormat format;
  private final List<StoredSlice> slices;
  private final int lo;
  private final BatchShares shares;
  private final EpochOrder[] orders;
  private final long stepsPerEpoch;

  /** Of the slices that are on disk; null for the others. */
  private final Prefetch[] prefetches;

  /**
   * The slices of replicas lo, lo + 1, ...
   *
   * @param shares of the whole data set
   */
  public ReplicaSlices(
      RowFormat format, List<? extends StoredSlice> slices, int lo, BatchShares shares, long seed) {
    this.format = format;
    this.slices = List.copyOf(slices);
    this.lo = lo;
    this.shares = shares;
    this.stepsPerEpoch = shares.stepsPerEpoch();
    this.orders = new EpochOrder[slices.size()];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = new EpochOrder(seed, lo + i, slices.get(i).size());
    }
    this.prefetches = prefetches();
  }

  private Prefetch[] prefetches() {
    ThreadPoolExecutor reader =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            ReplicaSlices::thread);
    reader.allowCoreThreadTimeOut(true); // so nobody has to close it
    Prefetch[] all = new Prefetch[orders.length];
    for (int i = 0; i < all.length; i++) {
      if (slices.get(i) instanceof SpilledSlice slice) {
        all[i] = new Prefetch(shares, lo + i, slice, orders[i], reader);
      }
    }
    return all;
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "kindling-prefetch");
    thread.setDaemon(true);
    return thread;
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
    Prefetch prefetch = prefetches[replica - lo];
    SpilledSlice.Stage stage = prefetch == null ? null : prefetch.take(step);
    int epoch = (int) (step / stepsPerEpoch);
    int[] order = orders[replica - lo].at(epoch);
    int from = shares.from(replica, step % stepsPerEpoch);
    if (stage == null) {
      into.fill((Slice) slices.get(replica - lo), order, from);
    } else {
      into.fill(stage.slice(), stage.places(), 0);
    }
    if (augmentation != null) {
      Tensor features = into.features();
      augmentation.apply(epoch, order, from, features.size(0), features.array(), features.offset());
    }
    if (prefetch != null) {
      prefetch.start(step + 1);
    }
  }
}
