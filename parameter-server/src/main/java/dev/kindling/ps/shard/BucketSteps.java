package dev.kindling.ps.shard;

import dev.kindling.ps.sync.GradientSum.Lender;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Synchronous steps of an elementwise rule: each bucket is applied as soon as its sum is complete,
 * by the thread that completed it or by a worker that has nothing else to do.
 */
final class BucketSteps implements Steps {
  private final Bucket[] buckets;
  private final Versions versions;
  private final AtomicInteger spinning;
  private final ReadyBuckets ready;

  /** Steps over the buckets; {@code spinning} counts the workers that wait awake. */
  BucketSteps(Bucket[] buckets, Versions versions, AtomicInteger spinning) {
    this.buckets = buckets;
    this.versions = versions;
    this.spinning = spinning;
    ready = new ReadyBuckets(buckets.length);
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
      complete(bucket, workspace);
    }
    return outcome;
  }

  private void complete(int bucket, Workspace workspace) {
    if (spinning.get() == 0) {
      versions.apply(bucket, workspace, null);
      return;
    }
    ready.add(bucket);
    if (spinning.get() == 0) { // the last one that could have seen it has gone to sleep
      help(workspace);
    }
  }

  @Override
  public boolean help(Workspace workspace) {
    int bucket = ready.take();
    if (bucket >= 0) {
      versions.apply(bucket, workspace, null);
    }
    return bucket >= 0;
  }

  @Override
  public boolean begin(BooleanSupplier change) {
    return change.getAsBoolean(); // each bucket's lock is enough
  }
}
