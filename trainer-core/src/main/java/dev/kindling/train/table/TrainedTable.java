package dev.kindling.train.table;

import dev.kindling.nn.RowStart;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The rows of a trained matrix: those that training has changed, and how all others start.
 * Immutable and thread-safe.
 *
 * @param name of the parameter
 * @param count rows of the whole matrix, numbered from zero
 * @param start of a row that was not changed
 * @param changed the others
 */
public record TrainedTable(String name, int count, RowStart start, SparseRows changed)
    implements Serializable {

  /**
   * Reads rows.
   *
   * @param keys any, in any order
   * @param into gets the rows, one after the other
   */
  public void read(long[] keys, float[] into) {
    int width = start.width();
    for (int i = 0; i < keys.length; i++) {
      int place = Arrays.binarySearch(changed.keys(), keys[i]);
      if (place >= 0) {
        System.arraycopy(changed.values(), place * width, into, i * width, width);
      } else {
        start.draw(keys[i], into, i * width);
      }
    }
  }

  /** Elements of the whole matrix. */
  public long elements() {
    return (long) count * start.width();
  }

  /** The whole matrix, row after row. */
  public float[] whole() {
    long[] keys = new long[count];
    Arrays.setAll(keys, i -> i);
    float[] all = new float[Math.toIntExact(elements())];
    read(keys, all);
    return all;
  }
}
