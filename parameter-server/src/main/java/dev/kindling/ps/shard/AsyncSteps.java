package dev.kindling.ps.shard;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.GradientSum.Lender;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Every push is applied when it arrives, under its bucket's lock; one that is not finite is left
 * out where the run goes on without it, and counts as brought. A bucket's version is the number of
 * steps that every replica has brought; versions are announced in order, under one lock.
 */
final class AsyncSteps implements Steps {
  private final Bucket[] buckets;
  private final Versions versions;
  private final VersionGate gate;
  private final NonFinite nonFinite;
  private final long totalSteps;

  /** The last step of each replica whose gradient was not finite. */
  private final long[] skipped;

  private final long[] announced;

  AsyncSteps(RunSpec run, Bucket[] buckets, Versions versions, VersionGate gate) {
    this.buckets = buckets;
    this.versions = versions;
    this.gate = gate;
    nonFinite = run.nonFinite();
    totalSteps = run.totalSteps();
    skipped = new long[run.tree().replicas()];
    Arrays.fill(skipped, gate.version() - 1);
    announced = new long[buckets.length];
    Arrays.fill(announced, gate.version());
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
    boolean isFinite = buckets[bucket].isFinite(array, offset);
    if (!isFinite && nonFinite == NonFinite.ABORT) {
      versions.diverged(step, "a worker's gradient in bucket " + bucket);
      return PushOutcome.NOT_COUNTED;
    }
    PushOutcome outcome =
        buckets[bucket].applyAtOnce(
            workspace, incarnation, step, lo, hi, array, offset, isFinite ? weight : 0);
    if (outcome == PushOutcome.APPLIED && !isFinite) {
      skip(lo, step);
    }
    if (outcome == PushOutcome.APPLIED && buckets[bucket].version() > gate.version()) {
      announce();
    }
    return outcome;
  }

  /** Counts a gradient once, however many of its buckets are not finite. */
  private synchronized void skip(int lo, long step) {
    if (skipped[lo] < step) {
      skipped[lo] = step;
      versions.countSkipped(step);
    }
  }

  /** Announces what is new, no bucket more than one version ahead of another. */
  private synchronized void announce() {
    boolean more = true;
    while (more) {
      long next = gate.version() + 1;
      for (int bucket = 0; bucket < buckets.length; bucket++) {
        if (buckets[bucket] != null
            && announced[bucket] < next
            && buckets[bucket].version() >= next) {
          announced[bucket] = next;
          versions.announce(bucket, next, next == totalSteps);
        }
      }
      more = gate.version() == next;
    }
  }

  @Override
  public boolean begin(BooleanSupplier change) {
    return change.getAsBoolean(); // each bucket's lock is enough
  }
}
