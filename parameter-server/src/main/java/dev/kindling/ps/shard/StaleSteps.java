package dev.kindling.ps.shard;

import dev.kindling.ps.sync.GradientSum.Lender;
import java.util.function.BooleanSupplier;

/**
 * Steps that workers run ahead of: when a bucket's oldest open step is complete, it is applied, and
 * those after it that are complete as well. One lock, so that a bucket's versions are announced in
 * order.
 */
final class StaleSteps implements Steps {
  private final Bucket[] buckets;
  private final Versions versions;

  StaleSteps(Bucket[] buckets, Versions versions) {
    this.buckets = buckets;
    this.versions = versions;
  }

  @Override
  public PushOutcome push(
      Workspace workspace,
      int incarnation,
      long step,
      int bucket,
      int lo,
      int hi,
      float[] array,
      int offset,
      double weight,
      Lender lender) {
    PushOutcome outcome =
        buckets[bucket].push(incarnation, step, lo, hi, array, offset, weight, lender);
    if (outcome == PushOutcome.COMPLETED) {
      applyAll(bucket, workspace);
    }
    return outcome;
  }

  private synchronized void applyAll(int bucket, Workspace workspace) {
    boolean more = true;
    while (more) {
      more = versions.apply(bucket, workspace, null);
    }
  }

  @Override
  public synchronized boolean begin(BooleanSupplier change) {
    return change.getAsBoolean();
  }
}
