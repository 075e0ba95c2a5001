package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Numbers that follow what a layer sees in training and that it uses in evaluation: {@code running
 * += momentum * (batch's value - running)}. No gradient flows to them; they are saved and travel
 * with the parameters. Only the description is serialised.
 */
public final class RunningStatistic implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Shape shape;
  private final float start;
  private final float momentum;
  private transient Tensor tensor;

  /** A statistic whose elements begin at {@code start}. */
  public RunningStatistic(Shape shape, float start, float momentum) {
    this.shape = shape;
    this.start = start;
    this.momentum = momentum;
  }

  /** The sizes. */
  public Shape shape() {
    return shape;
  }

  /** Weight of the newest batch. */
  public float momentum() {
    return momentum;
  }

  /** The elements: an input of captured steps, without gradient. */
  public Tensor tensor() {
    if (tensor == null) {
      tensor = Tensor.placeholder(shape);
      reset();
    }
    return tensor;
  }

  /** Back to the start. */
  void reset() {
    Tensor elements = tensor();
    int from = elements.offset();
    Arrays.fill(elements.array(), from, from + shape.elements(), start);
  }

  void moveToward(Tensor batchValue) {
    float[] value = batchValue.toArray();
    float[] running = tensor().array();
    int from = tensor.offset();
    for (int i = 0; i < value.length; i++) {
      running[from + i] += momentum * (value[i] - running[from + i]);
    }
  }
}
