package dev.kindling.train.table;

import java.util.Arrays;

/**
 * A table at one version, read by one thread while others make the next versions: a row that is
 * about to change before it was read is copied first. Takes memory for those rows alone.
 */
public final class TableSnapshot implements AutoCloseable {
  /** Rows that are read under the table's lock at once. */
  private static final int BLOCK = 256;

  private final RowTable table;
  private final long version;
  private final int rows;
  private final int length;
  private final RowIndex changed = new RowIndex();
  private final RowPieces copies;
  private int[] changedSteps = new int[64];
  private int next;

  TableSnapshot(RowTable table, long version, int rows, int length) {
    this.table = table;
    this.version = version;
    this.rows = rows;
    this.length = length;
    copies = new RowPieces(length);
  }

  /** Sees a row: values, then the rule's vectors, stand in {@code array} from {@code at} on. */
  @FunctionalInterface
  public interface Visitor<E extends Exception> {
    /** Takes a row. */
    void row(long key, int steps, float[] array, int at) throws E;
  }

  /** What the table is. */
  public TableSpec spec() {
    return table.spec();
  }

  /** Steps applied. */
  public long version() {
    return version;
  }

  /** How many rows had been changed. */
  public int rows() {
    return rows;
  }

  /** Called under the table's lock. */
  void beforeChange(int row) {
    if (row < rows && row >= next && changed.find(row) == RowIndex.ABSENT) {
      int copy = changed.add(row);
      if (copy == changedSteps.length) {
        changedSteps = Arrays.copyOf(changedSteps, 2 * copy);
      }
      changedSteps[copy] = table.steps(row);
      table.copy(row, copies.piece(copy), copies.offset(copy));
    }
  }

  /** Hands every row to a visitor, in the order in which they were first changed; once. */
  public <E extends Exception> void forEach(Visitor<E> visitor) throws E {
    long[] keys = new long[BLOCK];
    int[] steps = new int[BLOCK];
    float[] block = new float[BLOCK * length];
    while (next < rows) {
      int count = read(keys, steps, block);
      for (int i = 0; i < count; i++) {
        visitor.row(keys[i], steps[i], block, i * length);
      }
    }
  }

  private int read(long[] keys, int[] steps, float[] block) {
    synchronized (table) {
      int count = Math.min(BLOCK, rows - next);
      for (int i = 0; i < count; i++) {
        int row = next + i;
        int copy = changed.find(row);
        keys[i] = table.key(row);
        steps[i] = copy >= 0 ? changedSteps[copy] : table.steps(row);
        if (copy >= 0) {
          System.arraycopy(copies.piece(copy), copies.offset(copy), block, i * length, length);
        } else {
          table.copy(row, block, i * length);
        }
      }
      next += count;
      return count;
    }
  }

  /** Rows that change from now on are not copied any more. */
  @Override
  public void close() {
    table.release(this);
  }
}
