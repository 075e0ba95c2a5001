package dev.kindling.data;

import java.io.Serializable;
import java.util.List;

/**
 * What every row of a data set is made of, and how it stands in bytes, little-endian:
 *
 * <pre>
 * features   one or four bytes each, row-major
 * target     four bytes an element: int labels or float values
 * weight     four bytes, float
 * </pre>
 *
 * Immutable.
 *
 * @param shape the sizes of the features, e.g. [1, 28, 28] or [13]
 * @param element how features are stored
 * @param target what is to be predicted
 * @param normalisation how stored features become floats
 */
public record RowFormat(
    List<Integer> shape, ElementType element, Target target, Normalisation normalisation)
    implements Serializable {

  /** Checks that the shape fits the normalisation and a row fits an array. */
  public RowFormat {
    shape = List.copyOf(shape);
    shape.forEach(size -> Checks.positive("row format: a size of the shape", size));
    int channels = normalisation.channels();
    if (channels != 1 && (shape.isEmpty() || shape.get(0) != channels)) {
      throw new IllegalArgumentException(
          "row format: %d channels of normalisation do not fit the shape %s; give one, or as many as its first size"
              .formatted(channels, shape));
    }
    long bytes =
        shape.stream().mapToLong(Integer::longValue).reduce(element.bytes(), Math::multiplyExact);
    if (bytes > 1 << 30) {
      throw new IllegalArgumentException(
          "row format: a row of shape %s takes %d bytes; the most is 1 GiB"
              .formatted(shape, bytes));
    }
  }

  /** Number of features. */
  public int features() {
    int features = 1;
    for (int i = 0; i < shape.size(); i++) {
      features *= shape.get(i);
    }
    return features;
  }

  /** First byte of the target. */
  public int targetOffset() {
    return features() * element.bytes();
  }

  /** First byte of the weight. */
  public int weightOffset() {
    return targetOffset() + target.length() * Integer.BYTES;
  }

  /** Bytes of a row. */
  public int length() {
    return weightOffset() + Float.BYTES;
  }

  /** The same rows, read with another normalisation. */
  public RowFormat with(Normalisation other) {
    return new RowFormat(shape, element, target, other);
  }

  /** The same features with another shape of as many elements. */
  public RowFormat withShape(List<Integer> other) {
    RowFormat format = new RowFormat(other, element, target, normalisation);
    if (format.features() != features()) {
      throw new IllegalArgumentException(
          "row format: shape %s does not hold the %d features of %s"
              .formatted(other, features(), shape));
    }
    return format;
  }
}
