package dev.kindling.spark.data.source;

import dev.kindling.data.DataException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;

/** Reads the rows of {@link Records}. Not thread-safe. */
final class RecordReader implements PartitionReader<InternalRow> {
  private final Records records;
  private final boolean[] columns;
  private final DataInputStream features;
  private final DataInputStream labels;
  private int row = -1;
  private byte[] pixels;
  private int label;

  /**
   * Opens the files.
   *
   * @param isAsked which of the columns features and label are read, in this order
   */
  RecordReader(Records records, boolean[] isAsked, HadoopFiles files) throws IOException {
    this.records = records;
    this.columns = isAsked.clone();
    this.features = files.open(records.file(), records.start());
    this.labels =
        records.labels() == null ? features : files.open(records.labels(), records.labelStart());
  }

  @Override
  public boolean next() throws IOException {
    if (++row == records.rows()) {
      return false;
    }
    try {
      label = labels.readUnsignedByte();
      pixels = new byte[records.features()];
      features.readFully(pixels);
    } catch (EOFException e) {
      throw new DataException(
          "%s: the file is truncated at row %d; copy it again"
              .formatted(records.file(), records.first() + row),
          e);
    }
    if (label >= records.classes()) {
      throw new DataException(
          "%s: label %d of row %d is out of range; labels run from 0 to %d"
              .formatted(
                  records.labels() == null ? records.file() : records.labels(),
                  label,
                  records.first() + row,
                  records.classes() - 1));
    }
    return true;
  }

  @Override
  public InternalRow get() {
    Object[] asked = new Object[columns.length];
    int at = 0;
    if (columns[0]) {
      asked[at++] = pixels;
    }
    if (columns[1]) {
      asked[at++] = label;
    }
    return new GenericInternalRow(Arrays.copyOf(asked, at));
  }

  @Override
  public void close() throws IOException {
    try (DataInputStream first = features;
        DataInputStream second = labels) {
      row = records.rows();
    }
  }
}
