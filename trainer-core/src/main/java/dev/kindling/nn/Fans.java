package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;

/**
 * How many inputs an output of a weight [out, in, kernel...] reads, {@code in * kernel}, and how
 * many outputs an input reaches, {@code out * kernel}.
 *
 * @param in inputs of an output
 * @param out outputs of an input
 */
record Fans(int in, int out) {
  static Fans of(Shape weight) {
    if (weight.rank() < 2) {
      throw new ShapeException(
          "%s has no inputs and outputs to count; start it as Zeros, Constant, Uniform or Normal"
              .formatted(weight));
    }
    int kernel = weight.elements() / Math.max(1, weight.size(0) * weight.size(1));
    return new Fans(weight.size(1) * kernel, weight.size(0) * kernel);
  }
}
