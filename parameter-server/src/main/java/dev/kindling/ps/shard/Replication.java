package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The two copies of one process's shards, seen from either: the primary hands everything that it
 * makes to its standby before anybody else may see it; the standby takes nobody's steps but its
 * primary's until it is promoted under a new term. Thread-safe.
 */
public final class Replication {
  private final RunSpec run;
  private final List<Bucket> buckets;
  private final Versions versions;
  private final Publisher publisher;
  private volatile int term;
  private volatile boolean isStandby;

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
    buckets = Arrays.stream(all).filter(Objects::nonNull).toList();
  }

  /** Counts the recoveries of the shards, from 1. */
  int term() {
    return term;
  }

  /**
   * Hands everything that is made from now on to a second copy of these shards first; to be called
   * before any worker has joined.
   */
  public void begin(Standby standby) {
    if (run.needsWholeGradient() || run.isAsynchronous() || run.staleness() > 0) {
      throw new IllegalArgumentException(
          "run %s: a standby needs the synchronous policy and a rule that works on each element alone"
              .formatted(run.id()));
    }
    buckets.forEach(Bucket::keepSums);
    versions.unacknowledged().begin(standby);
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

  /** The standby is lost, and whoever decides that has decided that these shards go on. */
  public void goOnAlone() {
    Unacknowledged waiting = versions.unacknowledged();
    waiting.end().forEach(bucket -> acknowledged(bucket, waiting.waiting(bucket)));
    waiting.reductions().forEach(this::acknowledged);
  }

  /** These shards are a second copy: none but their primary may join until they are promoted. */
  public void standBy() {
    isStandby = true;
  }

  /** The primary is lost: from now on these shards are the run's, under a new term. */
  public void promote(int newTerm) {
    if (!isStandby || newTerm <= term) {
      throw new IllegalStateException(
          "run %s: shards of term %d, %s, cannot be promoted to term %d"
              .formatted(run.id(), term, isStandby ? "a standby" : "no standby", newTerm));
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
