package dev.kindling.train;

import dev.kindling.train.table.SparseRows;

/**
 * Takes the gradients of a step, bucket by bucket, as soon as backward has finished them: the
 * connection to the parameter server, or the one-process trainer's own update.
 */
@FunctionalInterface
public interface GradientSink {
  /**
   * One bucket of one node of the replica tree is complete.
   *
   * @param step the step, counted from zero
   * @param bucket which piece of the flat vector
   * @param lo first replica of the node
   * @param hi one past its last replica
   * @param sums an array as long as the flat vector; the bucket's range holds the sums over the
   *     node's samples; it is the sink's until the step after this one begins, which may add to it
   * @param weight the node's number of samples, or the sum of their weights
   */
  void push(long step, int bucket, int lo, int hi, float[] sums, double weight);

  /**
   * Reads rows of a row-sparse table.
   *
   * @param version the step that is computed
   * @param table which, in the order of the model
   * @param keys any, in any order
   * @param into gets the rows, one after the other
   */
  default void pullRows(long version, int table, long[] keys, float[] into) {
    throw new UnsupportedOperationException("table %d: there are no tables here".formatted(table));
  }

  /**
   * The gradients of a table's rows of one node of the replica tree; once a step for every node and
   * table, without a row too.
   *
   * @param sums stay untouched until the step after this one begins
   */
  default void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
    throw new UnsupportedOperationException("table %d: there are no tables here".formatted(table));
  }
}
