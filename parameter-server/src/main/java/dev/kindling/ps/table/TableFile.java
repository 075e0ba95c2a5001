package dev.kindling.ps.table;

import dev.kindling.ps.checkpoint.CheckpointException;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A table in a checkpoint store, big-endian:
 *
 * <pre>
 * magic "KROW" | width i32 | vectors i32 | version i64 | rows i32
 * rows times: key i64 | steps i32 | vectors * width float32 (values, then state)
 * CRC32C of all that u32
 * </pre>
 */
public final class TableFile {
  private static final int MAGIC = 0x4B524F57;
  private static final int HEADER = 4 * Integer.BYTES + Long.BYTES;

  private TableFile() {}

  /** Writes a table between two steps. */
  public static void write(CheckpointStore store, String path, RowTable table) throws IOException {
    store.write(
        path,
        raw -> {
          CRC32C crc = new CRC32C();
          DataOutputStream out =
              new DataOutputStream(
                  new BufferedOutputStream(new CheckedOutputStream(raw, crc), 1 << 16));
          write(out, table);
          out.flush();
          out.writeInt((int) crc.getValue());
          out.flush();
        });
  }

  private static void write(DataOutputStream out, RowTable table) throws IOException {
    int length = vectors(table.spec()) * table.spec().width();
    out.writeInt(MAGIC);
    out.writeInt(table.spec().width());
    out.writeInt(vectors(table.spec()));
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
  }

  private static int vectors(TableSpec spec) {
    return 1 + spec.stateVectors();
  }

  /**
   * Reads a table.
   *
   * @throws CheckpointException if the file is damaged or holds another kind of table
   */
  public static RowTable read(CheckpointStore store, String path, TableSpec spec)
      throws IOException {
    CRC32C crc = new CRC32C();
    try (DataInputStream in =
        new DataInputStream(
            new CheckedInputStream(new BufferedInputStream(store.open(path), 1 << 16), crc))) {
      RowTable table = read(in, path, spec, store.size(path));
      int expected = (int) crc.getValue();
      if (in.readInt() != expected) {
        throw new CheckpointException("%s: the file is damaged (CRC32C)".formatted(path));
      }
      return table;
    } catch (EOFException | IllegalArgumentException e) {
      throw new CheckpointException("%s: the file is damaged: %s".formatted(path, e.getMessage()));
    }
  }

  private static RowTable read(DataInputStream in, String path, TableSpec spec, long size)
      throws IOException {
    float[] row = new float[vectors(spec) * spec.width()];
    boolean fits =
        in.readInt() == MAGIC && in.readInt() == spec.width() && in.readInt() == vectors(spec);
    RowTable table = new RowTable(spec, fits ? in.readLong() : 0);
    int rows = fits ? in.readInt() : 0;
    long bytes = (long) rows * (Long.BYTES + Integer.BYTES + (long) row.length * Float.BYTES);
    if (!fits || rows < 0 || size != HEADER + bytes + Integer.BYTES) {
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
