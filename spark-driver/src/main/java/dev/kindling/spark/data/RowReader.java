package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import java.util.List;
import org.apache.spark.sql.Row;

/** Reads the feature columns of one row of a DataFrame. */
final class RowReader {
  private final Row row;
  private final List<String> columns;

  RowReader(Row row, List<String> columns) {
    this.row = row;
    this.columns = columns;
  }

  /** The value of a column; a missing one is an error. */
  static Object value(Row row, String column) {
    Object value = row.get(row.fieldIndex(column));
    if (value == null) {
      throw new DataException(
          "column '%s' has no value in the row %s; fill or drop missing values first"
              .formatted(column, row));
    }
    return value;
  }

  /** Number of feature values. */
  int width() {
    Object first = value(row, columns.get(0));
    if (first instanceof byte[] bytes) {
      return bytes.length;
    }
    return columns.size() == 1 && !(first instanceof Number)
        ? row.getList(row.fieldIndex(columns.get(0))).size()
        : columns.size();
  }

  byte[] bytes() {
    return (byte[]) value(row, columns.get(0));
  }

  float[] floats() {
    float[] floats = new float[width()];
    Object first = value(row, columns.get(0));
    if (columns.size() == 1 && !(first instanceof Number)) {
      List<Number> list = row.getList(row.fieldIndex(columns.get(0)));
      for (int i = 0; i < floats.length; i++) {
        floats[i] = number(columns.get(0), list.get(i));
      }
      return floats;
    }
    for (int i = 0; i < floats.length; i++) {
      floats[i] = number(columns.get(i), value(row, columns.get(i)));
    }
    return floats;
  }

  private float number(String column, Object value) {
    if (value instanceof Number number) {
      return number.floatValue();
    }
    throw new DataException(
        "column '%s' has no number in the row %s; fill or drop missing values first"
            .formatted(column, row));
  }
}
