package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.RowBuffer;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.Target;
import dev.kindling.data.table.Column.Kind;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Encodes the rows of one schema. Immutable; {@link #open} gives what a task works with.
 *
 * @param rows how
 * @param schema of the rows
 * @param bad counts rows that are left out; null where targets and weights are not read
 */
public record RowEncoding(DataFrameRows rows, StructType schema, BadRowCount bad)
    implements Serializable {

  /** What becomes of a row and its encoded form. */
  interface Result<T> extends Serializable {
    T of(Row row, byte[] encoded);
  }

  /** The encoded rows of a partition. */
  Iterator<byte[]> encode(Iterator<Row> partition) {
    return encode(partition, (row, encoded) -> encoded);
  }

  /** What becomes of the rows of a partition; those that are dropped or bad are passed over. */
  <T> Iterator<T> encode(Iterator<Row> partition, Result<T> result) {
    Opened opened = open();
    return new UsableRows<>(
        partition, opened::encode, result, FrameSplit.belongs(schema), new RowPolicy(bad));
  }

  /** For one thread. */
  public Opened open() {
    return new Opened();
  }

  /** Encodes row by row. */
  public final class Opened {
    private final LearnedColumn.Encoder[] features = encoders(rows.features());
    private final LearnedColumn.Encoder[] targets = encoders(rows.targets());
    private final int[] featurePlaces = places(rows.features());
    private final int[] targetPlaces = places(rows.targets());
    private final Object[] cells = new Object[featurePlaces.length];
    private final InternalCell[] inside =
        Arrays.stream(featurePlaces)
            .mapToObj(place -> InternalCell.of(schema.fields()[place].dataType()))
            .toArray(InternalCell[]::new);
    private final int weightPlace =
        rows.weight() == null || bad == null ? -1 : schema.fieldIndex(rows.weight());
    private final boolean isBytes = rows.format().element() == ElementType.UINT8;
    private final float[] values = new float[isBytes ? 0 : rows.format().features()];

    private static LearnedColumn.Encoder[] encoders(List<LearnedColumn> columns) {
      return columns.stream().map(LearnedColumn::encoder).toArray(LearnedColumn.Encoder[]::new);
    }

    private int[] places(List<LearnedColumn> columns) {
      return bad == null && columns == rows.targets()
          ? new int[0]
          : columns.stream().mapToInt(c -> place(c.column().name())).toArray();
    }

    private int place(String column) {
      Columns.type(schema, column);
      return schema.fieldIndex(column);
    }

    /**
     * The features of a row, without targets; null where a missing value drops the row.
     *
     * @throws DataException naming the column, its value and the mend
     */
    public byte[] encodeFeatures(Row row) {
      RowEncoder encoder = features(row);
      return encoder == null ? null : encoder.row();
    }

    /**
     * The same into a buffer.
     *
     * @return whether it is there; not where a missing value drops the row
     */
    public boolean encodeFeatures(Row row, RowBuffer into) {
      read(row);
      return isUsable() && write(into);
    }

    /** The same of a row as Spark has it inside: cells are read where they stand. */
    public boolean encodeFeatures(InternalRow row, RowBuffer into) {
      for (int i = 0; i < featurePlaces.length; i++) {
        cells[i] = inside[i].of(row, featurePlaces[i]);
      }
      return isUsable() && write(into);
    }

    private void read(Row row) {
      for (int i = 0; i < featurePlaces.length; i++) {
        cells[i] = row.get(featurePlaces[i]);
      }
    }

    private boolean isUsable() {
      for (int i = 0; i < cells.length; i++) {
        if (features[i].drops(cells[i])) {
          return false;
        }
      }
      return true;
    }

    private RowEncoder features(Row row) {
      read(row);
      if (!isUsable()) {
        return null;
      }
      RowEncoder encoder = new RowEncoder(rows.format());
      if (isBytes) {
        encoder.bytes(features[0].bytes(cells[0]), 0);
      } else {
        encoder.floats(values(), 0);
      }
      return encoder;
    }

    /** A row takes a place there when nothing of it can fail any more. */
    private boolean write(RowBuffer into) {
      if (isBytes) {
        byte[] bytes = features[0].bytes(cells[0]);
        into.add().bytes(bytes, 0);
      } else {
        float[] read = values();
        into.add().floats(read, 0);
      }
      return true;
    }

    private float[] values() {
      Arrays.fill(values, 0);
      int at = 0;
      for (int i = 0; i < cells.length; i++) {
        features[i].encode(cells[i], values, at);
        at += rows.features().get(i).features();
      }
      return values;
    }

    /** The whole row; null where a missing value drops it. */
    byte[] encode(Row row) {
      for (int i = 0; i < targetPlaces.length; i++) {
        if (targets[i].drops(row.get(targetPlaces[i]))) {
          return null;
        }
      }
      RowEncoder encoder = features(row);
      if (encoder == null) {
        return null;
      }
      target(row, encoder);
      if (weightPlace >= 0) {
        encoder.weight(weight(row));
      }
      return encoder.row();
    }

    private void target(Row row, RowEncoder encoder) {
      if (rows.format().target() instanceof Target.Labels) {
        encoder.label(label(row.get(targetPlaces[0])));
        return;
      }
      float[] wanted = new float[rows.format().target().length()];
      int at = 0;
      for (int i = 0; i < targetPlaces.length; i++) {
        targets[i].encode(row.get(targetPlaces[i]), wanted, at);
        at += rows.targets().get(i).features();
      }
      encoder.values(wanted, 0);
    }

    private int label(Object cell) {
      LearnedColumn column = rows.targets().get(0);
      if (column.column().kind() == Kind.INDEX) {
        return targets[0].category(cell);
      }
      float[] label = new float[1];
      targets[0].encode(cell, label, 0);
      if (label[0] != (int) label[0]) {
        throw new DataException(
            "column '%s' is %s; a class label is a whole number, or read it as a category: index"
                .formatted(column.column().name(), cell));
      }
      int classes = ((Target.Labels) rows.format().target()).classes();
      if (label[0] < 0 || label[0] >= classes) {
        throw new DataException(
            "column '%s' is %s; the network's %d outputs are for the labels 0 to %d"
                .formatted(column.column().name(), cell, classes, classes - 1));
      }
      return (int) label[0];
    }

    private float weight(Row row) {
      Object cell = row.get(weightPlace);
      float weight = cell instanceof Number number ? number.floatValue() : Float.NaN;
      if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
        throw new DataException(
            "column '%s' is %s; a weight is a number from 0 up".formatted(rows.weight(), cell));
      }
      return weight;
    }
  }

  /** The partition that a task reads; -1 outside of tasks. */
  static int partition() {
    TaskContext task = TaskContext.get();
    return task == null ? -1 : task.partitionId();
  }
}
