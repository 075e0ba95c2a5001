package dev.kindling.train;

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
   *     node's samples, and stays untouched until the step after this one begins
   * @param weight the node's number of samples, or the sum of their weights
   */
  void push(long step, int bucket, int lo, int hi, float[] sums, double weight);
}
