package dev.kindling.tensor;

import dev.kindling.autograd.Op;
import java.util.Arrays;
import java.util.List;

/**
 * Whole numbers in row-major order: labels and indices. Not differentiable; the array is shared,
 * not copied, so that a captured step sees the labels of the next batch.
 */
public final class IntTensor {
  private final Shape shape;
  private final int[] array;
  private final Op creator;

  /** Numbers over an array, shared, as long as the shape says. */
  public IntTensor(Shape shape, int[] array) {
    this(shape, array, null);
  }

  private IntTensor(Shape shape, int[] array, Op creator) {
    if (array.length != shape.elements()) {
      throw new ShapeException(
          "IntTensor: %s needs %d elements; the array has %d"
              .formatted(shape, shape.elements(), array.length));
    }
    this.shape = shape;
    this.array = array;
    this.creator = creator;
  }

  /** A vector of whole numbers. */
  public static IntTensor of(int... values) {
    return new IntTensor(Shape.of(values.length), values);
  }

  /** Numbers that an operation writes anew whenever it runs. */
  public static IntTensor writtenBy(Op creator, Shape shape) {
    return new IntTensor(shape, new int[shape.elements()], creator);
  }

  /** The sizes. */
  public Shape shape() {
    return shape;
  }

  /** The elements, shared. */
  public int[] array() {
    return array;
  }

  /** The element at a place in row-major order. */
  public int get(int index) {
    return array[index];
  }

  /** The same elements with other sizes; one size may be -1. */
  public IntTensor reshape(int... sizes) {
    return new IntTensor(shape.reshaped(sizes), array, creator);
  }

  /** What must have run before these numbers are read: the operation that writes them, if any. */
  public List<Op> creators() {
    return creator == null ? List.of() : List.of(creator);
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
