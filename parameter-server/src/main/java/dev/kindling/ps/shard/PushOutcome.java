package dev.kindling.ps.shard;

/** What became of a push. */
public enum PushOutcome {
  /** Kept; other replicas are still awaited. */
  STORED,
  /** Kept, and it was the last: the bucket can be applied. */
  COMPLETED,
  /** Applied at once. */
  APPLIED,
  /** These replicas are there already: dropped. */
  DUPLICATE,
  /** The bucket has this step behind it: dropped; the stored values are the answer. */
  APPLIED_BEFORE,
  /** From a client that was not asked, or that was not awaited any more: dropped. */
  NOT_COUNTED,
  /** From an earlier start of the workers: refused. */
  STALE_INCARNATION,
  /** For shards before their recovery: refused. */
  STALE_TERM,
  /** For a step that cannot be open yet, or for replicas that are no node of the tree: refused. */
  REFUSED;

  /** Whether it came for the first time, and counts. */
  public boolean isNew() {
    return this == STORED || this == COMPLETED || this == APPLIED;
  }

  /** Whether the caller's array is kept until the bucket is applied. */
  public boolean keepsArray() {
    return this == STORED || this == COMPLETED;
  }
}
