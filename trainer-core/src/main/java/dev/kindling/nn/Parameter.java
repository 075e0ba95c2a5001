package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;

/**
 * A tensor that training moves: its shape, how it starts, and its elements. Only the description is
 * serialised; the elements travel through the parameter server.
 */
public final class Parameter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Shape shape;
  private final Initializer initializer;
  private transient Tensor tensor;

  /** A parameter that starts as the initialiser says. */
  public Parameter(Shape shape, Initializer initializer) {
    this.shape = shape;
    this.initializer = initializer;
  }

  /** The sizes. */
  public Shape shape() {
    return shape;
  }

  /** How the elements start. */
  public Initializer initializer() {
    return initializer;
  }

  /** The elements: a leaf that asks for gradients; zeros until initialised or bound. */
  public Tensor tensor() {
    if (tensor == null) {
      tensor = Tensor.zeros(shape).requiresGrad();
    }
    return tensor;
  }
}
