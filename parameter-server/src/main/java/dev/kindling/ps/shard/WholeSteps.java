package dev.kindling.ps.shard;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.NormExchange.Finding;
import dev.kindling.ps.sync.GradientSum.Lender;
import dev.kindling.ps.wire.Norms;
import dev.kindling.train.GradientNorms;
import dev.kindling.train.GradientNorms.Measurement;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Steps in two phases, for rules of the whole gradient and for runs that go on after one that is
 * not finite: when every bucket's sum is complete, all are looked at, in the order of the vector;
 * then all are applied. Its lock is held all the while, so that no start of the workers falls
 * between. Where other processes hold some of the buckets, it waits for what they tell between the
 * two; a start of the workers that falls there brings the same step again, with the same bits.
 */
final class WholeSteps implements Steps {
  private final RunSpec run;
  private final Bucket[] all;
  private final Bucket[] buckets;
  private final Versions versions;
  private final GradientNorms norms;
  private final NormParts measured;
  private final ShardStorage storage;
  private final KeptVersion kept;
  private final AtomicInteger completed = new AtomicInteger();

  /** Null where all buckets are here. */
  private NormExchange exchange;

  /** Steps of the buckets that are here: null where another process holds one. */
  WholeSteps(RunSpec run, Bucket[] buckets, Versions versions, ShardStorage storage, long version) {
    this.run = run;
    all = buckets;
    this.buckets = Arrays.stream(buckets).filter(Objects::nonNull).toArray(Bucket[]::new);
    this.versions = versions;
    this.storage = storage;
    norms = new GradientNorms(run.update().layout());
    measured = norms::add;
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
        all[bucket].push(incarnation, step, lo, hi, array, offset, weight, lender);
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
      if (exchange != null) {
        exchange.discard();
      }
    }
    return isNew;
  }

  @Override
  public synchronized void exchange(Consumer<Norms> others) {
    exchange = new NormExchange(run, all, norms, others);
  }

  @Override
  public synchronized void receive(Workspace workspace, Norms news) {
    settle(workspace, exchange.receive(news, buckets[0].version(), workspace));
  }

  /** Looks at all buckets, then applies all, or none. */
  synchronized void commit(Workspace workspace) {
    if (!isComplete()) {
      return;
    }
    completed.set(0);
    keep();
    if (exchange != null) {
      settle(workspace, exchange.open(buckets[0].version(), workspace));
    } else if (isFinite(workspace)) {
      measure(workspace);
      settle(workspace, Finding.FINITE);
    } else {
      settle(workspace, Finding.NOT_FINITE);
    }
  }

  private void settle(Workspace workspace, Finding finding) {
    switch (finding) {
      case OPEN -> {}
      case FINITE -> apply(workspace, run.update().measurements().isEmpty() ? null : norms);
      case NOT_FINITE -> refuse();
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

  private void apply(Workspace workspace, GradientNorms known) {
    for (int bucket = 0; bucket < all.length; bucket++) {
      if (all[bucket] != null) {
        versions.apply(bucket, workspace, known);
      }
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

  /** Measures what the rule has to know. */
  private void measure(Workspace workspace) {
    for (Measurement what : run.update().measurements()) {
      for (Bucket bucket : buckets) {
        bucket.measure(what, workspace, norms, measured);
      }
    }
  }
}
