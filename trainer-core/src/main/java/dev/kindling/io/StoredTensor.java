package dev.kindling.io;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor as a file holds it: an element type, a shape, and the values in row-major order. The
 * values are shared, not copied.
 *
 * @param dtype the element type in the file
 * @param shape the sizes; empty for a scalar
 * @param values a FloatBuffer for F32, F16 and BF16, a ByteBuffer for U8, an IntBuffer for I32, a
 *     LongBuffer for I64; from its position to its limit
 */
public record StoredTensor(DType dtype, List<Integer> shape, Buffer values) {

  /** Checks that the shape fits the values. */
  public StoredTensor {
    shape = List.copyOf(shape);
    long elements = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    if (elements != values.remaining()) {
      throw new IllegalArgumentException(
          "stored tensor: shape %s has %d elements; %d values are given"
              .formatted(shape, elements, values.remaining()));
    }
  }

  /** Float32 values of a shape: {@code StoredTensor.of(weights, 64, 784)}. */
  public static StoredTensor of(float[] values, int... shape) {
    return of(values, 0, values.length, Arrays.stream(shape).boxed().toList());
  }

  /** A range of a float array, such as one slot of a flat vector. */
  public static StoredTensor of(float[] array, int offset, int length, List<Integer> shape) {
    return new StoredTensor(DType.F32, shape, FloatBuffer.wrap(array, offset, length));
  }

  /** A vector of whole numbers. */
  public static StoredTensor of(long[] values) {
    return new StoredTensor(DType.I64, List.of(values.length), LongBuffer.wrap(values));
  }

  /** A view of the values of a float type. */
  public FloatBuffer floats() {
    return as(FloatBuffer.class).duplicate();
  }

  /** The values of a float type in a new array. */
  public float[] toFloatArray() {
    float[] array = new float[values.remaining()];
    floats().get(array);
    return array;
  }

  /** A view of the values of U8. */
  public ByteBuffer bytes() {
    return as(ByteBuffer.class).duplicate();
  }

  /** A view of the values of I32. */
  public IntBuffer ints() {
    return as(IntBuffer.class).duplicate();
  }

  /** A view of the values of I64. */
  public LongBuffer longs() {
    return as(LongBuffer.class).duplicate();
  }

  private <B extends Buffer> B as(Class<B> kind) {
    if (!kind.isInstance(values)) {
      throw new IllegalStateException(
          "stored tensor: the values are %s, not what a %s holds"
              .formatted(dtype, kind.getSimpleName()));
    }
    return kind.cast(values);
  }
}
