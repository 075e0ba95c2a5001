package dev.kindling.federated;

import java.io.Serializable;

/**
 * How a client trains in a round.
 *
 * @param epochs E: passes over its rows
 * @param batchSize B: rows of a step; 0 for all that the client has
 * @param microBatch rows that are in memory at once; larger batches are added up from these
 */
public record LocalTraining(int epochs, int batchSize, int microBatch) implements Serializable {

  /** Checks the counts. */
  public LocalTraining {
    if (epochs < 1 || batchSize < 0 || microBatch < 1) {
      throw new IllegalArgumentException(
          "federated: local_epochs is %d, local_batch_size %d, micro_batch_size %d; at least 1, 0 (all) and 1"
              .formatted(epochs, batchSize, microBatch));
    }
  }

  /** Passes and rows of a step, in micro-batches of 128. */
  public static LocalTraining of(int epochs, int batchSize) {
    return new LocalTraining(epochs, batchSize, 128);
  }

  /** Rows of a step of a client that holds so many. */
  int batchSize(int rows) {
    return batchSize == 0 ? rows : Math.min(batchSize, rows);
  }

  /** Steps of a client's round. */
  public int steps(int rows) {
    int size = batchSize(rows);
    return epochs * ((rows + size - 1) / size);
  }
}
