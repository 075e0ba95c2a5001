package dev.kindling.ps;

import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the rows of tables are dealt to the processes that hold the shards: each table in as many
 * parts as there are processes, a row in the part that a hash of its key says. Part p of table t
 * takes part in the steps as table {@code t * count + p} of the run; the parts follow the buckets,
 * which belong to the processes in turn, so that each process holds one part of every table.
 *
 * @param count processes; with one of them a table is its own only part
 */
public record TableParts(int count) {

  /** What the parts of tables are: each starts and changes its rows as the whole would. */
  public List<TableSpec> split(List<TableSpec> tables) {
    List<TableSpec> parts = new ArrayList<>();
    for (TableSpec table : tables) {
      for (int part = 0; part < count; part++) {
        parts.add(table);
      }
    }
    return parts;
  }

  /** The number of a table's part among those of the run. */
  public int number(int table, int part) {
    return table * count + part;
  }

  /** The part that holds a row; checkpoints rely on it. */
  public int of(long key) {
    long mixed = (key ^ (key >>> 33)) * 0xFF51AFD7ED558CCDL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return (int) (((mixed >>> 32) * count) >>> 32); // the tables of rows use other bits
  }

  /** The places of the keys of each part, ascending. */
  public int[][] places(long[] keys) {
    int[][] places = new int[count][keys.length];
    int[] sizes = new int[count];
    for (int i = 0; i < keys.length; i++) {
      int part = of(keys[i]);
      places[part][sizes[part]++] = i;
    }
    for (int part = 0; part < count; part++) {
      places[part] = Arrays.copyOf(places[part], sizes[part]);
    }
    return places;
  }

  /** The rows of each part. */
  public List<SparseRows> deal(SparseRows rows) {
    return count == 1
        ? List.of(rows)
        : Arrays.stream(places(rows.keys())).map(places -> pick(rows, places)).toList();
  }

  private static SparseRows pick(SparseRows rows, int[] places) {
    int width = rows.width();
    long[] keys = new long[places.length];
    float[] values = new float[places.length * width];
    for (int i = 0; i < places.length; i++) {
      keys[i] = rows.keys()[places[i]];
      System.arraycopy(rows.values(), places[i] * width, values, i * width, width);
    }
    return new SparseRows(width, keys, values);
  }

  /** The rows of a whole table from those of its parts. */
  public static SparseRows join(List<SparseRows> parts) {
    int half = parts.size() / 2;
    return half == 0
        ? parts.get(0)
        : SparseRows.plus(join(parts.subList(0, half)), join(parts.subList(half, parts.size())));
  }
}
