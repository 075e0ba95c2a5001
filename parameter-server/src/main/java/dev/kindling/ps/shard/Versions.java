package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.train.GradientNorms;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/** Makes the buckets' next versions and tells those who wait for them. Thread-safe. */
final class Versions {
  private final Bucket[] buckets;
  private final VersionGate gate;
  private final List<ShardListener> listeners;
  private final Runnable wake;
  private final Consumer<ParameterServerException> abort;
  private final AtomicLongArray released;
  private final Unacknowledged unacknowledged;
  private final AtomicLong skipped = new AtomicLong();
  private final AtomicLong rolledBack = new AtomicLong();

  /**
   * Buckets that all have the gate's version.
   *
   * @param buckets null where another process holds one
   * @param parts buckets and tables of the run
   * @param wake called when the run has a new version
   * @param abort ends the run
   */
  Versions(
      Bucket[] buckets,
      int parts,
      VersionGate gate,
      List<ShardListener> listeners,
      Runnable wake,
      Consumer<ParameterServerException> abort) {
    this.buckets = buckets;
    this.gate = gate;
    this.listeners = listeners;
    this.wake = wake;
    this.abort = abort;
    unacknowledged = new Unacknowledged(buckets.length);
    released = new AtomicLongArray(parts);
    for (int part = 0; part < parts; part++) {
      released.set(part, gate.version());
    }
  }

  /**
   * Whether workers may see a version of a part. It is made a little earlier: whoever saw it then
   * could go on before the version is complete for those who are told.
   */
  boolean isReleased(int part, long version) {
    return version <= released.get(part);
  }

  /** Applies a bucket's open step if it is complete; returns whether it was. */
  boolean apply(int bucket, Workspace workspace, GradientNorms norms) {
    long start = System.nanoTime();
    Bucket.Applied outcome = buckets[bucket].apply(workspace, norms);
    workspace.appliedNanos += System.nanoTime() - start;
    switch (outcome) {
      case YES -> made(bucket, buckets[bucket].version());
      case NOT_FINITE -> diverged(buckets[bucket].version(), "the gradient in bucket " + bucket);
      case NOT -> {}
    }
    return outcome == Bucket.Applied.YES;
  }

  private void made(int bucket, long version) {
    if (!unacknowledged.holds(buckets[bucket], bucket, version)) {
      announce(bucket, version, true);
    }
  }

  /** What waits for the standby. */
  Unacknowledged unacknowledged() {
    return unacknowledged;
  }

  /**
   * Everything goes to a standby first from now on: from the next version on while steps are made,
   * else the present one too, which nobody has then before the standby.
   */
  void cover(Standby standby, boolean isRunning) {
    if (isRunning) {
      unacknowledged.begin(standby, () -> newest() + 1);
      return;
    }
    long version = gate.version();
    unacknowledged.begin(standby, () -> version);
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      if (buckets[bucket] != null) {
        released.set(bucket, version - 1);
        unacknowledged.holds(buckets[bucket], bucket, version);
      }
    }
  }

  private long newest() {
    long newest = gate.version();
    for (Bucket bucket : buckets) {
      newest = bucket == null ? newest : Math.max(newest, bucket.version());
    }
    return newest;
  }

  /** The standby has a bucket's version. */
  void acknowledged(int bucket, long version) {
    if (unacknowledged.take(bucket, version)) {
      if (version > gate.version()) {
        announce(bucket, version, true);
      } else {
        release(bucket, version); // where the run began: made long ago
      }
    }
  }

  /** All buckets have another version now, as in the shards that they were copied from. */
  void restore(long version) {
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      if (buckets[bucket] != null) {
        buckets[bucket].restore(version);
        released.set(bucket, version);
      }
    }
    gate.restore(version);
  }

  /** The next version of every bucket is the current one. */
  void skip() {
    countSkipped(gate.version());
    announce(Bucket::skip);
  }

  /** A gradient of a step was not finite, and was left out. */
  void countSkipped(long step) {
    skipped.incrementAndGet();
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).skipped(step);
    }
  }

  /** The next version of every bucket is one that was kept, but for the epoch's metrics. */
  void rollBack(KeptVersion kept) {
    rolledBack.incrementAndGet();
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).rolledBack(gate.version(), kept.version());
    }
    announce(bucket -> bucket.rollBack(kept));
  }

  /** Makes the next version of every bucket that is here. */
  private void announce(Consumer<Bucket> close) {
    for (int bucket = 0; bucket < buckets.length; bucket++) {
      if (buckets[bucket] != null) {
        close.accept(buckets[bucket]);
        announce(bucket, buckets[bucket].version(), true);
      }
    }
  }

  /** How many steps went back to an earlier version. */
  long rolledBack() {
    return rolledBack.get();
  }

  /** How many steps were skipped. */
  long skipped() {
    return skipped.get();
  }

  /** The gradient of the open step is not finite once more, and the run ends. */
  void diverged(KeptVersion kept) {
    diverged(
        gate.version(),
        "the gradient (after going back to version %d %d times)"
            .formatted(kept.version(), kept.uses()));
  }

  /** The gradient of the open step is not finite, and the run ends. */
  void diverged() {
    diverged(gate.version(), "the gradient");
  }

  /** A gradient of a step is not finite, and the run ends. */
  void diverged(long step, String what) {
    abort.accept(
        new ParameterServerException(
            Reason.DIVERGED,
            ("step %d: %s is not finite, so it was not applied: a smaller learning rate, a warm-up"
                    + " or clipping may help")
                .formatted(step, what)));
  }

  /** A bucket has a new version; {@code isReleased} if workers are to be sent its values. */
  void announce(int bucket, long version, boolean isReleased) {
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).applied(bucket, version);
    }
    if (gate.arrive(version)) {
      for (int i = 0, n = listeners.size(); i < n; i++) {
        listeners.get(i).completed(version);
      }
      gate.open();
      wake.run();
    }
    // Only now: whoever sees the last bucket may bring the first one's next step.
    if (isReleased) {
      release(bucket, version);
    }
  }

  private void release(int bucket, long version) {
    released.set(bucket, version);
    for (int i = 0, n = listeners.size(); i < n; i++) {
      listeners.get(i).released(bucket, version);
    }
  }
}
