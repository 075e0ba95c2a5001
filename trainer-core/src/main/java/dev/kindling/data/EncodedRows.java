package dev.kindling.data;

import java.util.List;

/**
 * Rows that are already encoded. Immutable.
 *
 * @param format of each row
 * @param rows not to be changed
 */
public record EncodedRows(RowFormat format, List<byte[]> rows) implements Dataset {
  /** Copies the list. */
  public EncodedRows {
    rows = List.copyOf(rows);
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public byte[] row(int index) {
    return rows.get(index).clone();
  }
}
