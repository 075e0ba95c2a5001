package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.Norms;

/**
 * Told of what happens in the shards, by the thread that made it happen: calls must be short and
 * thread-safe.
 */
public interface ShardListener {
  /**
   * A bucket has a new version, which no worker has seen yet: its values and the optimizer's state
   * stay as they are until the call returns.
   */
  default void applied(int bucket, long version) {}

  /** Workers may have a bucket's new version. */
  default void released(int bucket, long version) {}

  /**
   * A worker behind a socket is sent a bucket's new values.
   *
   * @param nanos since its own push for that step had arrived whole
   */
  default void answered(long nanos) {}

  /**
   * A gradient of a bucket has come.
   *
   * @param staleness so many versions lie between the values that it was computed with and those
   *     that it is applied to; where gradients are applied as they come, so many times as many
   *     gradients as there are replicas
   */
  default void pushed(long staleness) {}

  /** A worker is slow, or stuck: the others wait for it. Told once a start of the workers. */
  default void slow(Worker worker, String warning) {}

  /** Every bucket has this version; no worker has gone on yet. */
  default void completed(long version) {}

  /** A step's gradient was not finite: its version will be the same as the one before. */
  default void skipped(long step) {}

  /** A step's gradient was not finite: its version will be as an earlier one was. */
  default void rolledBack(long step, long version) {}

  /**
   * A federated round is over, and will now be applied.
   *
   * @param clients those whose answer counts, in ascending order
   */
  default void roundClosed(long round, int[] clients) {}

  /** A reduction has its result, which no worker has seen yet. */
  default void reduced(long key, double[] result) {}

  /**
   * Workers may have a reduction's result. Whoever asked before was not answered, and is to be told
   * now; who asks from now on is answered at once.
   */
  default void published(long key, double[] result) {}

  /** A checkpoint of a version is committed. */
  default void checkpointed(long version) {}

  /** The first worker of a new start has come; everything of those before is refused. */
  default void began(int incarnation) {}

  /** A worker has come. */
  default void joined(Worker worker) {}

  /** A worker reports an error that starting it again would not mend. */
  default void failed(Worker worker, String message) {}

  /**
   * A second copy of the shards has all that they have.
   *
   * @param order which of the words about standbys that these shards were given, from 1
   */
  default void standsBy(int order) {}

  /** The second copy of such an order is lost; the shards wait until they are told to go on. */
  default void standbyLost(int order, String cause) {}

  /** A server tells the others of its buckets' gradients. */
  default void measured(Norms news) {}

  /** The run was stopped. */
  default void aborted(ParameterServerException cause) {}
}
