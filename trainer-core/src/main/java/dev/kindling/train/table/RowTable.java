package dev.kindling.train.table;

import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows that gradients have changed, with the optimizer's state of each and the number of its
 * steps, at one version and, for those whom the last step changed, the version before: whoever
 * computes that step again reads what it read the first time. Memory is proportional to the rows
 * that were changed. Thread-safe.
 */
public final class RowTable {
  private final TableSpec spec;
  private final Optimizer rule;
  private final int width;
  private final int vectors;
  private final RowIndex index = new RowIndex();
  private final RowPieces rows;
  private final RowIndex changed = new RowIndex();
  private final RowPieces before;
  private final Update update = new Update();
  private final List<TableSnapshot> snapshots = new ArrayList<>();
  private int[] steps = new int[64];
  private long version;

  /** A table in which no row has been changed. */
  public RowTable(TableSpec spec, long version) {
    this.spec = spec;
    rule = spec.rule();
    this.version = version;
    width = spec.width();
    vectors = 1 + spec.stateVectors();
    rows = new RowPieces(width * vectors);
    before = new RowPieces(width);
    update.current = new float[width];
    update.next = new float[width];
    update.state = new float[vectors - 1][width];
    update.to = width;
  }

  /** What the table is. */
  public TableSpec spec() {
    return spec;
  }

  /** The newest version. */
  public synchronized long version() {
    return version;
  }

  /** How many rows have been changed. */
  public synchronized int rows() {
    return index.size();
  }

  /** Bytes of the arrays. */
  public synchronized long bytes() {
    return index.bytes()
        + rows.bytes(index.size())
        + (long) steps.length * Integer.BYTES
        + changed.bytes()
        + before.bytes(changed.size());
  }

  /**
   * Reads rows of the newest version or the one before.
   *
   * @param keys any, in any order
   * @param into gets the rows, one after the other
   * @return false where that version is not here, or not any more; nothing is read then
   */
  public synchronized boolean pull(long wanted, long[] keys, float[] into) {
    if (wanted != version && wanted != version - 1) {
      return false;
    }
    for (int i = 0; i < keys.length; i++) {
      int old = wanted == version ? RowIndex.ABSENT : changed.find(keys[i]);
      if (old >= 0) {
        System.arraycopy(before.piece(old), before.offset(old), into, i * width, width);
      } else {
        read(keys[i], into, i * width);
      }
    }
    return true;
  }

  private void read(long key, float[] into, int at) {
    int row = index.find(key);
    if (row >= 0) {
      System.arraycopy(rows.piece(row), rows.offset(row), into, at, width);
    } else {
      spec.start().draw(key, into, at);
    }
  }

  /**
   * Makes the next version: the rule's step on each row of the sum, or none where the weight is 0.
   *
   * @param weight what the sum is divided by
   * @param factor on the rule's learning rate: what the schedule says of the step
   */
  public synchronized void apply(SparseRows sum, double weight, double factor) {
    if (weight == 0) {
      skip();
      return;
    }
    changed.clear();
    update.gradient = sum.values();
    update.gradientScale = Update.scale(weight);
    update.lr = (float) (rule.lr() * factor);
    for (int i = 0; i < sum.keys().length; i++) {
      update.gradientFrom = i * width;
      step(sum.keys()[i]);
    }
    version++;
  }

  /** The next version is the current one. */
  public synchronized void skip() {
    changed.clear();
    version++;
  }

  private void step(long key) {
    int found = index.find(key);
    int row = found >= 0 ? found : make(key);
    for (int i = 0, n = snapshots.size(); i < n; i++) {
      snapshots.get(i).beforeChange(row);
    }
    float[] piece = rows.piece(row);
    int at = rows.offset(row);
    keep(key, piece, at);
    System.arraycopy(piece, at, update.current, 0, width);
    for (int v = 1; v < vectors; v++) {
      System.arraycopy(piece, at + v * width, update.state[v - 1], 0, width);
    }
    update.step = steps[row]++;
    rule.update(update);
    System.arraycopy(update.next, 0, piece, at, width);
    for (int v = 1; v < vectors; v++) {
      System.arraycopy(update.state[v - 1], 0, piece, at + v * width, width);
    }
  }

  private int make(long key) {
    int row = index.add(key);
    if (row == steps.length) {
      steps = Arrays.copyOf(steps, row + row / 2);
    }
    steps[row] = 0;
    spec.start().draw(key, rows.piece(row), rows.offset(row));
    return row;
  }

  private void keep(long key, float[] piece, int at) {
    int old = changed.add(key);
    System.arraycopy(piece, at, before.piece(old), before.offset(old), width);
  }

  /** A copy of the rows that have been changed, without the rule's vectors. */
  public synchronized SparseRows changedRows() {
    long[] keys = new long[index.size()];
    Arrays.setAll(keys, index::key);
    Arrays.sort(keys);
    float[] values = new float[Math.multiplyExact(keys.length, width)];
    for (int i = 0; i < keys.length; i++) {
      read(keys[i], values, i * width);
    }
    return new SparseRows(width, keys, values);
  }

  /** What the table is now, to be read while steps go on; to be closed. */
  public synchronized TableSnapshot snapshot() {
    TableSnapshot snapshot = new TableSnapshot(this, version, index.size(), width * vectors);
    snapshots.add(snapshot);
    return snapshot;
  }

  synchronized void release(TableSnapshot snapshot) {
    snapshots.remove(snapshot);
  }

  long key(int row) {
    return index.key(row);
  }

  int steps(int row) {
    return steps[row];
  }

  /** Copies a row's values and state. */
  void copy(int row, float[] into, int at) {
    System.arraycopy(rows.piece(row), rows.offset(row), into, at, width * vectors);
  }

  /**
   * Adds a row as {@link TableSnapshot} told it.
   *
   * @param values the row, then the rule's vectors
   */
  public synchronized void restore(long key, int rowSteps, float[] values) {
    if (index.find(key) != RowIndex.ABSENT) {
      throw new IllegalArgumentException("key %d is there twice".formatted(key));
    }
    int row = make(key);
    steps[row] = rowSteps;
    System.arraycopy(values, 0, rows.piece(row), rows.offset(row), values.length);
  }
}
