package dev.kindling.ps.shard;

/**
 * The way to the second copy of these shards on another process. What is handed over here stays
 * unseen until {@link Replication#acknowledged} says that the copy has it. Thread-safe.
 */
public interface Standby {
  /**
   * A bucket's first version since there is a standby, which has nothing of it: values and the
   * optimizer's state stay as they are until it is acknowledged.
   */
  void copied(int bucket, long version);

  /**
   * A bucket's next version was made.
   *
   * @param step that was applied; the version is the one after it
   * @param sum holds the gradients' sum over all replicas from its first element on, untouched
   *     until it is acknowledged
   * @param weight the sum's
   */
  void applied(int bucket, long step, float[] sum, double weight);

  /** A reduction has its result. */
  void reduced(long key, double[] result);
}
