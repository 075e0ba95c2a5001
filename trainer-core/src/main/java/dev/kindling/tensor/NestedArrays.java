package dev.kindling.tensor;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;

/** Tensors from and to Java's nested arrays. */
final class NestedArrays {
  private NestedArrays() {}

  static Tensor read(Object nested) {
    List<Integer> sizes = new ArrayList<>();
    Object inner = nested;
    while (inner.getClass().isArray()) {
      sizes.add(Array.getLength(inner));
      if (Array.getLength(inner) == 0) {
        break;
      }
      inner = Array.get(inner, 0);
    }
    Shape shape = Shape.of(sizes);
    Tensor tensor = Tensor.zeros(shape);
    read(nested, shape, 0, tensor.array(), 0);
    return tensor;
  }

  private static int read(Object nested, Shape shape, int depth, float[] to, int at) {
    if (depth == shape.rank()) {
      to[at] = ((Number) nested).floatValue();
      return at + 1;
    }
    if (Array.getLength(nested) != shape.size(depth)) {
      throw new ShapeException(
          "ofNested: an array of dimension %d has %d elements, the first has %d; make all of them as long"
              .formatted(depth, Array.getLength(nested), shape.size(depth)));
    }
    int next = at;
    for (int i = 0; i < shape.size(depth); i++) {
      next = read(Array.get(nested, i), shape, depth + 1, to, next);
    }
    return next;
  }

  static Object write(Tensor tensor) {
    return write(tensor.toArray(), tensor.shape(), 0, 0);
  }

  private static Object write(float[] elements, Shape shape, int depth, int at) {
    if (depth == shape.rank()) {
      return elements[at];
    }
    int[] sizes = java.util.Arrays.copyOfRange(shape.toArray(), depth, shape.rank());
    Object nested = Array.newInstance(float.class, sizes);
    int stride = shape.rowMajorStrides()[depth];
    for (int i = 0; i < sizes[0]; i++) {
      Array.set(nested, i, write(elements, shape, depth + 1, at + i * stride));
    }
    return nested;
  }
}
