package dev.kindling.ps.wire;

/**
 * A range of a float array; shared, not copied.
 *
 * @param array where the values are
 * @param offset of the first
 * @param length how many
 */
public record Floats(float[] array, int offset, int length) {
  /** No values: in a header whose floats are still on their way. */
  public static final Floats NONE = new Floats(new float[0], 0, 0);

  /** A copy that nobody else holds. */
  public Floats copy() {
    float[] copy = new float[length];
    System.arraycopy(array, offset, copy, 0, length);
    return new Floats(copy, 0, length);
  }

  @Override
  public String toString() {
    return length + " floats";
  }
}
