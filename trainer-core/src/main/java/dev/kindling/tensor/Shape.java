package dev.kindling.tensor;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The sizes of a tensor, outermost first. {@code []} is a scalar. Immutable.
 *
 * <p>A shape whose elements do not fit one Java array (2^31 - 1) is refused when it is made, before
 * memory is taken.
 */
public final class Shape implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int[] sizes;
  private final int elements;

  private Shape(int[] sizes) {
    this.sizes = sizes;
    this.elements = count(sizes);
  }

  /** A shape with the given sizes, each zero or more. */
  public static Shape of(int... sizes) {
    return new Shape(sizes.clone());
  }

  /** A shape with the given sizes. */
  public static Shape of(List<Integer> sizes) {
    return new Shape(sizes.stream().mapToInt(Integer::intValue).toArray());
  }

  private static int count(int[] sizes) {
    long elements = 1;
    for (int size : sizes) {
      if (size < 0) {
        throw new ShapeException("shape " + Arrays.toString(sizes) + ": a size is negative");
      }
      elements *= size;
      if (elements > Heap.LONGEST) {
        throw new ShapeException(
            "shape %s: more than 2^31 elements; split it along the first dimension"
                .formatted(text(sizes)));
      }
    }
    return (int) elements;
  }

  /** Number of dimensions. */
  public int rank() {
    return sizes.length;
  }

  /** Number of elements: the product of the sizes. */
  public int elements() {
    return elements;
  }

  /** The size of a dimension; negative ones count from the last, as {@code size(-1)}. */
  public int size(int dimension) {
    return sizes[dimension(dimension)];
  }

  /** A dimension as an index from zero; negative ones count from the last. */
  public int dimension(int dimension) {
    return dimension("size", dimension);
  }

  /**
   * A dimension as an index from zero; negative ones count from the last.
   *
   * @param operation that asks, for the message
   * @throws ShapeException naming the operation, this shape and the dimensions that it has
   */
  public int dimension(String operation, int dimension) {
    int index = dimension < 0 ? dimension + sizes.length : dimension;
    if (index < 0 || index >= sizes.length) {
      String mend =
          sizes.length == 0
              ? "a scalar has none; reshape or unsqueeze it before"
              : "there are %d; use %d to %d"
                  .formatted(sizes.length, -sizes.length, sizes.length - 1);
      throw new ShapeException(
          "%s: dimension %d of %s: %s".formatted(operation, dimension, this, mend));
    }
    return index;
  }

  /** A copy of the sizes. */
  public int[] toArray() {
    return sizes.clone();
  }

  /** The sizes as a list. */
  public List<Integer> toList() {
    return Arrays.stream(sizes).boxed().toList();
  }

  /** This shape with one size changed. */
  public Shape with(int dimension, int size) {
    int[] changed = sizes.clone();
    changed[dimension(dimension)] = size;
    return new Shape(changed);
  }

  /** This shape without one dimension. */
  public Shape without(int dimension) {
    int at = dimension(dimension);
    int[] rest = new int[sizes.length - 1];
    System.arraycopy(sizes, 0, rest, 0, at);
    System.arraycopy(sizes, at + 1, rest, at, rest.length - at);
    return new Shape(rest);
  }

  /** This shape with a dimension of the given size put in before {@code at}. */
  public Shape insert(int at, int size) {
    int[] more = new int[sizes.length + 1];
    System.arraycopy(sizes, 0, more, 0, at);
    more[at] = size;
    System.arraycopy(sizes, at, more, at + 1, sizes.length - at);
    return new Shape(more);
  }

  /**
   * Other sizes for as many elements; one of them may be -1: what is left.
   *
   * @throws ShapeException where the elements do not come out even
   */
  public Shape reshaped(int... wanted) {
    int[] resolved = wanted.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] >= 0) {
        known *= wanted[i];
      } else if (unknown < 0) {
        unknown = i;
      } else {
        throw new ShapeException(
            "reshape: %s to %s: only one size can be -1; name the others"
                .formatted(this, text(wanted)));
      }
    }
    if (unknown >= 0 && known > 0 && elements % known != 0) {
      throw new ShapeException(
          "reshape: %s to %s: its %d elements are no multiple of %d; the sizes must multiply to %d"
              .formatted(this, text(wanted), elements, known, elements));
    }
    if (unknown >= 0) {
      resolved[unknown] = known == 0 ? 0 : (int) (elements / known);
      known *= resolved[unknown];
    }
    if (known != elements) {
      throw new ShapeException(
          "reshape: %s to %s: %d elements are not %d; leave one size as -1, or slice or pad before"
              .formatted(this, text(resolved), elements, known));
    }
    return new Shape(resolved);
  }

  /** The product of some of the sizes. */
  public int elements(int... dimensions) {
    int product = 1;
    for (int dimension : dimensions) {
      product *= size(dimension);
    }
    return product;
  }

  /** The strides of a row-major tensor of this shape: how far apart neighbours stand. */
  public int[] rowMajorStrides() {
    int[] strides = new int[sizes.length];
    int stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes[i];
    }
    return strides;
  }

  /**
   * The shape that two shapes broadcast to, as in NumPy: sizes are matched from the last dimension,
   * and a 1 or a missing dimension stretches.
   *
   * @throws ShapeException naming the operation, both shapes and the sizes that differ
   */
  public static Shape broadcast(String operation, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] sizes = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int first = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
      int second = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
      if (first != second && first != 1 && second != 1) {
        throw new ShapeException(
            "%s: %s and %s: sizes %d and %d of dimension -%d differ and neither is 1; %s"
                .formatted(operation, a, b, first, second, i, stretching(a, b)));
      }
      sizes[rank - i] = first == 1 ? second : first;
    }
    return new Shape(sizes);
  }

  /** What would make two shapes broadcast, as far as it can be guessed. */
  private static String stretching(Shape a, Shape b) {
    if (leads(a, b) || leads(b, a)) {
      return "unsqueeze(-1) the %s?".formatted(leads(a, b) ? "first" : "second");
    }
    boolean isTransposed = a.rank() == 2 && b.equals(Shape.of(a.size(1), a.size(0)));
    return isTransposed ? "transpose one of them?" : "reshape, slice or expand one of them";
  }

  private static boolean leads(Shape few, Shape many) {
    return few.rank() > 0 && many.rank() == few.rank() + 1 && many.without(-1).equals(few);
  }

  static String text(int[] sizes) {
    return Arrays.toString(sizes).replace(" ", "");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /** {@code [64,784]}. */
  @Override
  public String toString() {
    return text(sizes);
  }
}
