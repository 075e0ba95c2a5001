package dev.kindling.ps.shard;

import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.WireException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The two copies of one process's shards, seen from either: the primary hands everything that it
 * makes to its standby before anybody else may see it; the standby takes nobody's steps but its
 * primary's until it is promoted under a new term. Thread-safe.
 */
public final class Replication {
  private final RunSpec run;
  private final Map<Integer, Bucket> buckets = new TreeMap<>();
  private final Versions versions;
  private final Publisher publisher;
  private volatile int term;
  private volatile boolean isStandby;

  /** How a standby comes to what it has; null where these shards have never been one. */
  private volatile Installation installation;

  /** Takes a reduction's result that the standby has. */
  interface Publisher {
    void publish(long key, double[] result);
  }

  /**
   * A primary without a standby.
   *
   * @param all null where another process holds one
   */
  Replication(RunSpec run, int term, Bucket[] all, Versions versions, Publisher publisher) {
    this.run = run;
    this.term = term;
    this.versions = versions;
    this.publisher = publisher;
    for (int bucket = 0; bucket < all.length; bucket++) {
      if (all[bucket] != null) {
        buckets.put(bucket, all[bucket]);
      }
    }
  }

  /** Counts the recoveries of the shards, from 1. */
  int term() {
    return term;
  }

  /** Hands everything that is made from now on to an empty standby first, see {@link Standby}. */
  void begin(Standby standby, boolean isRunning) {
    if (run.nonFinite() != NonFinite.ABORT || run.isAsynchronous() || run.staleness() > 0) {
      throw new IllegalArgumentException(
          "run %s: a standby needs the synchronous policy, and not_finite: abort"
              .formatted(run.id()));
    }
    buckets.values().forEach(Bucket::keepSums);
    versions.cover(standby, isRunning);
  }

  /** The standby has a bucket's version: everybody may. */
  public void acknowledged(int bucket, long version) {
    versions.acknowledged(bucket, version);
  }

  /** The standby has a reduction's result. */
  public void acknowledged(long key) {
    double[] result = versions.unacknowledged().take(key);
    if (result != null) {
      publisher.publish(key, result);
    }
  }

  /**
   * The standby is lost, and whoever decides that has decided that these shards go on. What it had
   * acknowledged may still arrive meanwhile: each version is announced once, by who is first.
   */
  public void goOnAlone() {
    Unacknowledged waiting = versions.unacknowledged();
    waiting.end().forEach(this::acknowledged);
    waiting.reductions().forEach(this::acknowledged);
  }

  /**
   * These shards are a second copy, and empty: none but their primary may join until they are
   * promoted.
   */
  void standBy(ShardStorage storage) {
    installation = new Installation(storage, List.copyOf(buckets.keySet()), versions);
    isStandby = true;
  }

  /** Whether these shards stand by and do not have everything yet. */
  public boolean isIncomplete() {
    return isStandby && !installation.isComplete();
  }

  /**
   * Takes what the primary hands over.
   *
   * @return whether the bucket is whole
   */
  boolean install(HandOver part) {
    if (!isStandby) {
      throw new WireException("bucket %d is handed over to no standby".formatted(part.bucket()));
    }
    return installation.take(part);
  }

  /** The primary is lost: from now on these shards are the run's, under a new term. */
  public void promote(int newTerm) {
    if (!isStandby || isIncomplete() || newTerm <= term) {
      String what = isIncomplete() ? "an empty standby" : isStandby ? "a standby" : "no standby";
      throw new IllegalStateException(
          "run %s: shards of term %d, %s, cannot be promoted to term %d"
              .formatted(run.id(), term, what, newTerm));
    }
    term = newTerm;
    isStandby = false;
  }

  /** Throws if this is no place for a worker, or for a primary. */
  void check(Worker worker) {
    boolean isPrimary = worker.name().equals(StandbyProtocol.PRIMARY);
    if (isStandby && !isPrimary) {
      throw new ParameterServerException(
          Reason.UNREACHABLE,
          "%s: these shards stand by for others that are not known to be lost".formatted(worker));
    }
    if (!isStandby && isPrimary) {
      throw new ParameterServerException(
          Reason.STALE_TERM, "these shards were promoted (term %d)".formatted(term));
    }
  }
}
