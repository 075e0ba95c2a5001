package dev.kindling.data;

import java.io.Serializable;

/**
 * Which rows of an epoch belong to which batch and replica. Position p of an epoch belongs to
 * replica {@code p mod R}, at place {@code p / R} of its permuted slice; batch s covers the
 * positions {@code sB} to {@code min((s + 1)B, N)}. So each row is used exactly once an epoch, and
 * the shares of a batch differ by one row at most. Immutable.
 *
 * @param rows N, over all slices
 * @param replicas R
 * @param batchSize B, over all replicas
 */
public record BatchShares(long rows, int replicas, int batchSize) implements Serializable {

  /** Checks the sizes. */
  public BatchShares {
    Checks.positive("rows", rows);
    Checks.positive("replicas", replicas);
    Checks.positive("batch size", batchSize);
    if ((rows - 1) / replicas >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d rows over %d replicas are more than 2^31 a slice; raise train.replicas"
              .formatted(rows, replicas));
    }
  }

  /** Batches of an epoch; the last may be smaller. */
  public long stepsPerEpoch() {
    return (rows + batchSize - 1) / batchSize;
  }

  /** Rows that a replica holds. */
  public int sliceSize(int replica) {
    return start(replica, rows);
  }

  /** Rows of a replica before a position of the epoch: {@code ceil((position - replica) / R)}. */
  public int start(int replica, long position) {
    return position <= replica ? 0 : (int) ((position - replica - 1) / replicas + 1);
  }

  /** The first place of a replica's permuted slice that stands in a batch of the epoch. */
  public int from(int replica, long step) {
    return start(replica, step * batchSize);
  }

  /** Number of rows of a replica in a batch of the epoch, possibly none. */
  public int count(int replica, long step) {
    return start(replica, end(step)) - from(replica, step);
  }

  /** Number of rows of a batch. */
  public int batchSize(long step) {
    return (int) (end(step) - step * batchSize);
  }

  /** Rows of a replica in any batch, at most. */
  public int largestShare() {
    return (int) ((Math.min(batchSize, rows) + replicas - 1) / replicas);
  }

  private long end(long step) {
    return Math.min((step + 1) * batchSize, rows);
  }
}
