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
 * between. Workers that run ahead may have completed the steps after it: those follow at once.
 * Where other processes hold some of the buckets, it waits for what they tell between the two; a
 * start of the workers that falls there brings the same step again, with the same bits.
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

  /** Looks at all buckets, then applies all, or none; and so the steps that workers ran ahead. */
  synchronized void commit(Workspace workspace) {
    boolean isMade = isComplete();
    while (isMade) {
      completed.set(0);
      keep();
      isMade = settle(workspace, find(workspace)) && run.staleness() > 0 && isComplete();
    }
    if (run.staleness() > 0) { // what was complete before its step was open is told by no push
      completed.addAndGet(countComplete());
    }
  }

  private Finding find(Workspace workspace) {
    if (exchange != null) {
      return exchange.open(buckets[0].version(), workspace);
    }
    if (!isFinite(workspace)) {
      return Finding.NOT_FINITE;
    }
    measure(workspace);
    return Finding.FINITE;
  }

  /** Returns whether there is a next version. */
  private boolean settle(Workspace workspace, Finding finding) {
    return switch (finding) {
      case OPEN -> false;
      case FINITE -> apply(workspace, run.update().measurements().isEmpty() ? null : norms);
      case NOT_FINITE -> refuse();
    };
  }

  /** Keeps the end of an epoch, before its next step. */
  private void keep() {
    long version = buckets[0].version();
    boolean ends = version % run.update().stepsPerEpoch() == 0;
    if (kept != null && ends && version > kept.version()) {
      kept.keep(storage, version);
    }
  }

  private boolean refuse() {
    return switch (run.nonFinite()) {
      case ABORT -> {
        versions.diverged();
        yield false;
      }
      case SKIP -> {
        versions.skip();
        yield true;
      }
      case ROLL_BACK -> rollBack();
    };
  }

  private boolean rollBack() {
    if (kept.uses() == NonFinite.MOST_ROLL_BACKS) {
      versions.diverged(kept);
      return false;
    }
    kept.use();
    versions.rollBack(kept);
    return true;
  }

  private boolean apply(Workspace workspace, GradientNorms known) {
    for (int bucket = 0; bucket < all.length; bucket++) {
      if (all[bucket] != null) {
        versions.apply(bucket, workspace, known);
      }
    }
    return true;
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

  private int countComplete() {
    int count = 0;
    for (Bucket bucket : buckets) {
      count += bucket.isComplete() ? 1 : 0;
    }
    return count;
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
