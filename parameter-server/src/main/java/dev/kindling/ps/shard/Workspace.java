package dev.kindling.ps.shard;

import dev.kindling.optim.Update;
import dev.kindling.train.ReplicaTree;

/**
 * What a thread needs to add and apply a bucket without allocating: it works through a bucket in
 * pieces that stay in the first-level cache. One per applying thread; not thread-safe.
 */
public final class Workspace {
  /** Elements of a piece: 16 KiB. */
  static final int PIECE = 4096;

  final Update update = new Update();
  final float[][] scratch;
  long appliedNanos;

  /** Gradients in a bucket's values before the one that was applied to them last. */
  long gradientsBefore;

  private double[] parts = {};

  /** For trees up to the depth of this one. */
  public Workspace(ReplicaTree tree) {
    int levels = 1 + Integer.SIZE - Integer.numberOfLeadingZeros(tree.replicas());
    scratch = new float[levels][PIECE];
  }

  /** Time that its thread has spent applying buckets. */
  public long appliedNanos() {
    return appliedNanos;
  }

  /** A place for so many doubles; grows once. */
  double[] parts(int length) {
    if (parts.length < length) {
      parts = new double[length];
    }
    return parts;
  }
}
