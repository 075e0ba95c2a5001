package dev.kindling.data.table;

import dev.kindling.data.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which columns of a table are features and targets. What depends on the data (stand-ins, means,
 * categories) is learned by {@link #fit} from the training rows alone, and then applied to any.
 * Immutable.
 *
 * @param features in the order in which the model reads them
 * @param targets numbers, or a single {@link Column#index} column of labels
 */
public record TableSchema(List<Column> features, List<Column> targets) implements Serializable {

  /** Checks the targets. */
  public TableSchema {
    features = List.copyOf(features);
    targets = List.copyOf(targets);
    boolean numbers = targets.stream().allMatch(c -> c.kind() == Column.Kind.NUMBER);
    boolean label = targets.size() == 1 && targets.get(0).kind() == Column.Kind.INDEX;
    if (features.isEmpty() || targets.isEmpty() || !(numbers || label)) {
      throw new IllegalArgumentException(
          "table schema: %d features and the targets %s; give features, and as targets either numbers or one index column"
              .formatted(features.size(), targets));
    }
  }

  /** Numbers are predicted. */
  public static TableSchema regression(List<Column> features, Column... targets) {
    return new TableSchema(features, List.of(targets));
  }

  /** The category of a column is predicted. */
  public static TableSchema classification(List<Column> features, String label) {
    return new TableSchema(features, List.of(Column.index(label)));
  }

  /**
   * Learns from the training rows.
   *
   * @throws DataException naming file, line, column and value of what does not fit
   */
  public TableEncoder fit(Table table) {
    List<Table.Row> rows = kept(table);
    if (rows.isEmpty()) {
      throw new DataException(
          "%s: none of %d rows can be used; treat missing values otherwise than by dropping"
              .formatted(table.source(), table.rows().size()));
    }
    return new TableEncoder(this, fit(features, table, rows), fit(targets, table, rows));
  }

  private static List<FittedColumn> fit(List<Column> columns, Table table, List<Table.Row> rows) {
    List<FittedColumn> fitted = new ArrayList<>();
    for (Column column : columns) {
      List<Field> fields = rows.stream().map(row -> field(table, row, column)).toList();
      fitted.add(FittedColumn.fit(column, fields));
    }
    return fitted;
  }

  /** The rows that no column drops. */
  List<Table.Row> kept(Table table) {
    List<Column> dropping =
        Stream.concat(features.stream(), targets.stream())
            .filter(c -> c.missing().policy() == Missing.Policy.DROP)
            .toList();
    return table.rows().stream()
        .filter(row -> dropping.stream().noneMatch(c -> field(table, row, c).isMissing()))
        .toList();
  }

  static Field field(Table table, Table.Row row, Column column) {
    String text = row.fields().get(table.indexOf(column.name()));
    return new Field(column, table.source() + ": line " + row.line(), text);
  }
}
