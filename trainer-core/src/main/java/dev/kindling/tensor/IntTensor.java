package dev.kindling.tensor;

import java.util.Arrays;

/**
 * Whole numbers in row-major order: labels and indices. Not differentiable; the array is shared,
 * not copied, so that a captured step sees the labels of the next batch.
 *
 * @param shape the sizes
 * @param array as many elements as the shape has
 */
public record IntTensor(Shape shape, int[] array) {

  /** Checks that the array is as long as the shape says. */
  public IntTensor {
    if (array.length != shape.elements()) {
      throw new ShapeException(
          "IntTensor: %s needs %d elements; the array has %d"
              .formatted(shape, shape.elements(), array.length));
    }
  }

  /** A vector of whole numbers. */
  public static IntTensor of(int... values) {
    return new IntTensor(Shape.of(values.length), values);
  }

  /** The element at a place in row-major order. */
  public int get(int index) {
    return array[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IntTensor tensor
        && shape.equals(tensor.shape)
        && Arrays.equals(array, tensor.array);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(array);
  }

  @Override
  public String toString() {
    return "IntTensor" + shape + Arrays.toString(array);
  }
}
