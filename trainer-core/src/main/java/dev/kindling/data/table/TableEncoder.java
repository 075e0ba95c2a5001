package dev.kindling.data.table;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.EncodedRows;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.io.Serializable;
import java.util.List;

/**
 * Turns the rows of a table into encoded rows, with what was learned from the training rows; kept
 * with the model. Immutable.
 *
 * @param schema which columns are read
 * @param features the columns of the features, learned
 * @param targets the columns of the targets, learned
 */
public record TableEncoder(
    TableSchema schema, List<FittedColumn> features, List<FittedColumn> targets)
    implements Serializable {

  /** Copies the columns. */
  public TableEncoder {
    features = List.copyOf(features);
    targets = List.copyOf(targets);
  }

  /** Rows of float features, and labels or values to predict. */
  public RowFormat format() {
    Target target =
        isLabel()
            ? Target.label(targets.get(0).categories().size())
            : Target.values(targets.size());
    return new RowFormat(List.of(width()), ElementType.FLOAT32, target, Normalisation.none());
  }

  /** The names of the features, one-hot ones as {@code column=category}. */
  public List<String> featureNames() {
    return features.stream().flatMap(column -> column.featureNames().stream()).toList();
  }

  /**
   * Encodes the rows that are not dropped.
   *
   * @throws DataException naming file, line, column and value of what does not fit
   */
  public Dataset encode(Table table) {
    RowFormat format = format();
    return new EncodedRows(
        format, schema.kept(table).stream().map(row -> encode(format, table, row)).toList());
  }

  private byte[] encode(RowFormat format, Table table, Table.Row row) {
    RowEncoder encoder = new RowEncoder(format).floats(floats(features, width(), table, row), 0);
    if (isLabel()) {
      FittedColumn label = targets.get(0);
      return encoder.label(label.category(TableSchema.field(table, row, label.column()))).row();
    }
    return encoder.values(floats(targets, targets.size(), table, row), 0).row();
  }

  private static float[] floats(List<FittedColumn> columns, int width, Table table, Table.Row row) {
    float[] floats = new float[width];
    int at = 0;
    for (FittedColumn column : columns) {
      column.encode(TableSchema.field(table, row, column.column()), floats, at);
      at += column.width();
    }
    return floats;
  }

  private int width() {
    return features.stream().mapToInt(FittedColumn::width).sum();
  }

  private boolean isLabel() {
    return targets.get(0).column().kind() == Column.Kind.INDEX;
  }
}
