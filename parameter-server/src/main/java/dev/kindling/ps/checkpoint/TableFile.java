package dev.kindling.ps.checkpoint;

import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSnapshot;
import dev.kindling.train.table.TableSpec;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A table in a file, big-endian; the manifest has its size and CRC32C:
 *
 * <pre>
 * magic "KROW" | width i32 | vectors i32 | version i64 | rows i32
 * rows times: key i64 | steps i32 | vectors * width float32 (values, then the rule's vectors)
 * </pre>
 */
public final class TableFile {
  private static final int MAGIC = 0x4B524F57;
  private static final int HEADER = 4 * Integer.BYTES + Long.BYTES;

  private TableFile() {}

  /** Writes a table; steps may go on meanwhile. */
  public static void write(OutputStream into, TableSnapshot table) throws IOException {
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(into, 1 << 16));
    int length = length(table.spec());
    out.writeInt(MAGIC);
    out.writeInt(table.spec().width());
    out.writeInt(1 + table.spec().stateVectors());
    out.writeLong(table.version());
    out.writeInt(table.rows());
    table.forEach(
        (key, steps, array, at) -> {
          out.writeLong(key);
          out.writeInt(steps);
          for (int i = 0; i < length; i++) {
            out.writeFloat(array[at + i]);
          }
        });
    out.flush();
  }

  /** Floats of a row with its vectors. */
  private static int length(TableSpec spec) {
    return (1 + spec.stateVectors()) * spec.width();
  }

  /**
   * Reads a table.
   *
   * @param size of the whole file
   * @param path for messages
   * @throws CheckpointException if it is damaged or holds another kind of table
   */
  public static RowTable read(InputStream from, long size, String path, TableSpec spec)
      throws IOException {
    try {
      return read(new DataInputStream(from), size, path, spec);
    } catch (EOFException | IllegalArgumentException e) {
      throw new CheckpointException("%s: the file is damaged: %s".formatted(path, e.getMessage()));
    }
  }

  private static RowTable read(DataInputStream in, long size, String path, TableSpec spec)
      throws IOException {
    float[] row = new float[length(spec)];
    boolean fits =
        in.readInt() == MAGIC
            && in.readInt() == spec.width()
            && in.readInt() == 1 + spec.stateVectors();
    RowTable table = new RowTable(spec, fits ? in.readLong() : 0);
    int rows = fits ? in.readInt() : 0;
    long bytes = rows * (Long.BYTES + Integer.BYTES + (long) row.length * Float.BYTES);
    if (!fits || rows < 0 || size != HEADER + bytes) {
      throw new CheckpointException(
          "%s: %d bytes are no table '%s' of width %d under %s"
              .formatted(path, size, spec.name(), spec.width(), spec.optimizer().toSpec()));
    }
    for (int i = 0; i < rows; i++) {
      long key = in.readLong();
      int steps = in.readInt();
      for (int e = 0; e < row.length; e++) {
        row[e] = in.readFloat();
      }
      table.restore(key, steps, row);
    }
    return table;
  }
}
