package dev.kindling.data;

/**
 * Some rows of another data set. Immutable and thread-safe.
 *
 * @param whole the other data set
 * @param indices its rows that belong here; not to be changed
 */
record Subset(Dataset whole, int[] indices) implements Dataset {
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
