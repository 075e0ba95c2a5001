package dev.kindling.spark.data;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;

/** The encoded rows of one client of federated averaging, in their order. */
public final class ClientRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int client;
  private final byte[] rows;

  /**
   * A client's rows.
   *
   * @param client its number
   * @param rows one after the other; not to be changed
   */
  ClientRows(int client, byte[] rows) {
    this.client = client;
    this.rows = rows;
  }

  /** The client's number. */
  public int client() {
    return client;
  }

  /** How many rows it has. */
  public int size(RowFormat format) {
    return rows.length / format.length();
  }

  /** The rows as a slice. */
  public Slice slice(RowFormat format) {
    SliceBuilder slice = new SliceBuilder(format);
    Iterator<byte[]> each = new RowBlock.Rows(format.length(), List.of(rows).iterator());
    each.forEachRemaining(slice::append);
    return slice.build();
  }
}
