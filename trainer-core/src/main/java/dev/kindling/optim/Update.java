package dev.kindling.optim;

/**
 * One range of the flat parameter vector at one step: what an update rule reads and writes.
 *
 * <p>{@code current}, {@code next} and every array of {@code state} share one index: elements
 * {@code from} to {@code to}. {@code gradient[gradientFrom + i]} belongs to element {@code from +
 * i}; where the gradient has the same index too ({@code gradientFrom == from}) a rule runs without
 * a copy. {@code current} and {@code next} are the two versions of the values; they may be the same
 * array if the gradient shares the index and the rule is elementwise without clipping.
 *
 * <p>Reused from step to step so that a step allocates nothing; not thread-safe, one per applying
 * thread.
 */
public final class Update {
  /** Elements whose arrays stay in the nearest cache between the loops of a rule with several. */
  static final int PIECE = 1024;

  /** The values of the step's version. */
  public float[] current;

  /** Where the values of the following version go; scratch space until then. */
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

  /** Turns the sum into the mean, see {@link #scale}; 0 where it is a sum of nothing. */
  public float gradientScale;

  /**
   * What {@link ReduceLROnPlateau} makes of the metrics so far, set by the caller; 1 without it.
   */
  public double observedFactor = 1;

  /** The learning rate of this step. */
  public float lr;

  /** What {@link TrustRatio} rules scale the step of this range's tensor by. */
  public float trust = 1;

  /** The step, counted from zero. */
  public long step;

  /**
   * What a sum is multiplied with: {@code 1 / weight}, at most the largest float. A mean of nothing
   * has no value: where the weight is 0 the scale is 0, and such a step changes neither parameters
   * nor statistics.
   *
   * @param weight the batch's samples, or the sum of their weights
   */
  public static float scale(double weight) {
    return weight == 0 ? 0 : (float) Math.min(1 / weight, Float.MAX_VALUE);
  }

  /**
   * The gradient under the index of the other arrays. The compiler vectorises a loop over arrays
   * only when they share one index, so a shifted gradient is first copied to {@link #next}, whose
   * values are written afterwards: a quarter of the time of a loop over two indices.
   *
   * @throws IllegalStateException if the gradient is shifted and there is no other array for it
   */
  float[] alignedGradient() {
    if (gradientFrom == from) {
      return gradient;
    }
    System.arraycopy(gradient, gradientFrom, scratch(), from, to - from);
    return next;
  }

  /** {@link #next} as a place for what is needed while the values are computed. */
  float[] scratch() {
    if (next == current) {
      throw new IllegalStateException(
          "update of elements %d to %d: the gradient starts at %d and next is current; pass two"
                  .formatted(from, to, gradientFrom)
              + " arrays of values, or an elementwise rule and a gradient with the same index");
    }
    return next;
  }
}
