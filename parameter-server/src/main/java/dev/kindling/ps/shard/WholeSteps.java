package dev.kindling.ps.shard;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.GradientSum.Lender;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Steps in two phases, for rules of the whole gradient and for runs that go on after one that is
 * not finite: when every bucket's sum is complete, all are looked at, in the order of the vector;
 * then all are applied. Its lock is held all the while, so that no start of the workers falls
 * between.
 */
final class WholeSteps implements Steps {
  private final RunSpec run;
  private final Bucket[] buckets;
  private final Versions versions;
  private final GradientNorms norms;
  private final ShardStorage storage;
  private final KeptVersion kept;
  private final AtomicInteger completed = new AtomicInteger();

  WholeSteps(RunSpec run, Bucket[] buckets, Versions versions, ShardStorage storage, long version) {
    this.run = run;
    this.buckets = buckets;
    this.versions = versions;
    this.storage = storage;
    norms = new GradientNorms(run.update().layout());
    kept = run.nonFinite() == NonFinite.ROLL_BACK ? new KeptVersion(storage, version) : null;
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
    if (outcome == PushOutcome.COMPLETED && completed.incrementAndGet() >= buckets.length) {
      commit(workspace);
    }
    return outcome;
  }

  @Override
  public synchronized boolean begin(BooleanSupplier change) {
    boolean isNew = change.getAsBoolean();
    if (isNew) {
      completed.set(0);
    }
    return isNew;
  }

  /** Looks at all buckets, then applies all, or none. */
  synchronized void commit(Workspace workspace) {
    if (!isComplete()) {
      return;
    }
    completed.set(0);
    keep();
    if (isFinite(workspace)) {
      apply(workspace, measure(workspace));
    } else {
      refuse();
    }
  }

  /** Keeps the end of an epoch, before its next step. */
  private void keep() {
    long version = buckets[0].version();
    boolean ends = version % run.update().stepsPerEpoch() == 0;
    if (kept != null && ends && version > kept.version()) {
      kept.keep(storage, version);
    }
  }

  private void refuse() {
    switch (run.nonFinite()) {
      case ABORT -> versions.diverged();
      case SKIP -> versions.skip();
      case ROLL_BACK -> rollBack();
    }
  }

  private void rollBack() {
    if (kept.uses() == NonFinite.MOST_ROLL_BACKS) {
      versions.diverged(kept);
    } else {
      kept.use();
      versions.rollBack(kept);
    }
  }

  private void apply(Workspace workspace, GradientNorms measured) {
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      versions.apply(bucket, workspace, measured);
    }
  }

  /** Whether every bucket is complete: a late arrival from before a new start may have counted. */
  private boolean isComplete() {
    for (Bucket bucket : buckets) {
      if (!bucket.isComplete()) {
        return false;
      }
    }
    return true;
  }

  private boolean isFinite(Workspace workspace) {
    for (Bucket bucket : buckets) {
      if (!bucket.isFinite(workspace)) {
        return false;
      }
    }
    return true;
  }

  /** Measures what the rule has to know; null if it need not know anything. */
  private GradientNorms measure(Workspace workspace) {
    for (Measurement what : run.update().measurements()) {
      for (Bucket bucket : buckets) {
        bucket.measure(what, workspace, norms);
      }
    }
    return run.update().measurements().isEmpty() ? null : norms;
  }
}
