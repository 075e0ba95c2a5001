package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.io.Serializable;

/**
 * {@code y = x * weight + bias}, element by element, as a normalisation ends with; the weight
 * starts at 1 and the bias at 0.
 */
record Affine(Parameter weight, Parameter bias) implements Serializable {

  Affine(Shape shape) {
    this(
        new Parameter(shape, new Initializer.Constant(1)),
        new Parameter(shape, new Initializer.Constant(0)));
  }

  /** Of x, to which weight and bias stretch once they have the given shape. */
  Tensor of(Tensor x, Shape stretchable) {
    int[] sizes = stretchable.toArray();
    return x.mul(weight.tensor().reshape(sizes)).add(bias.tensor().reshape(sizes));
  }
}
