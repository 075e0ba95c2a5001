package dev.kindling.optim;

/**
 * One range of the flat parameter vector at one step: what an update rule reads and writes.
 *
 * <p>{@code current}, {@code next} and every array of {@code state} share one index: elements
 * {@code from} to {@code to}. {@code gradient[gradientFrom + i]} belongs to element {@code from +
 * i}. {@code current} and {@code next} are the two versions of the values and may be the same
 * array.
 *
 * <p>Reused from step to step so that a step allocates nothing; not thread-safe, one per applying
 * thread.
 */
public final class Update {
  /** The values of the step's version. */
  public float[] current;

  /** Where the values of the following version go. */
  public float[] next;

  /** The optimizer's own vectors, in the order of {@link Optimizer#stateNames()}. */
  public float[][] state;

  /** Sums of the gradients over the samples of the batch. */
  public float[] gradient;

  /** The place of element {@code from} in {@link #gradient}. */
  public int gradientFrom;

  /** First element. */
  public int from;

  /** One past the last element. */
  public int to;

  /** Turns the sum into the mean: one over the batch's samples (or its sum of weights). */
  public float gradientScale;

  /** The learning rate of this step. */
  public float lr;

  /** The step, counted from zero. */
  public long step;
}
