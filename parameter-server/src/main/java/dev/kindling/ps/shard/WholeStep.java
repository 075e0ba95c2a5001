package dev.kindling.ps.shard;

import dev.kindling.ps.RunSpec;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A step in two phases, for rules of the whole gradient and for runs that skip a gradient that is
 * not finite: when every bucket's sum is complete, all are looked at, in the order of the vector;
 * then all are applied. Its lock is held all the while, so that no start of the workers falls
 * between.
 */
final class WholeStep {
  private final RunSpec run;
  private final Bucket[] buckets;
  private final GradientNorms norms;
  private final AtomicInteger completed = new AtomicInteger();

  WholeStep(RunSpec run, Bucket[] buckets) {
    this.run = run;
    this.buckets = buckets;
    norms = new GradientNorms(run.update().layout());
  }

  /** One more bucket is complete; whether that may have been the last. */
  boolean arrive() {
    return completed.incrementAndGet() >= buckets.length;
  }

  /** A new start of the workers has discarded every sum, or the step is over. */
  void clear() {
    completed.set(0);
  }

  /** Whether every bucket is complete: a late arrival from before a new start may have counted. */
  boolean isComplete() {
    for (Bucket bucket : buckets) {
      if (!bucket.isComplete()) {
        return false;
      }
    }
    return true;
  }

  /** Whether the whole gradient is finite. */
  boolean isFinite(Workspace workspace) {
    for (Bucket bucket : buckets) {
      if (!bucket.isFinite(workspace)) {
        return false;
      }
    }
    return true;
  }

  /** Measures what the rule has to know; null if it need not know anything. */
  GradientNorms measure(Workspace workspace) {
    for (Measurement what : run.update().measurements()) {
      for (Bucket bucket : buckets) {
        bucket.measure(what, workspace, norms);
      }
    }
    return run.update().measurements().isEmpty() ? null : norms;
  }
}
