package dev.kindling.data;

/** Some rows of another data set. Immutable and thread-safe. */
final class Subset implements Dataset {
  private final Dataset whole;
  private final int[] indices;

  /** The rows at some places of a data set; the array is not copied. */
  Subset(Dataset whole, int[] indices) {
    this.whole = whole;
    this.indices = indices;
  }

  @Override
  public RowFormat format() {
    return whole.format();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public byte[] row(int index) {
    return whole.row(indices[index]);
  }
}
