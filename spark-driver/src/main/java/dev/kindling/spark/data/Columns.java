package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Columns of a DataFrame by name: {@code age}, also {@code image.data} for one inside another. */
final class Columns {
  private Columns() {}

  /**
   * A column.
   *
   * @throws DataException naming those that are there where it is not
   */
  static Column of(Dataset<Row> data, String name) {
    type(data.schema(), name);
    return isTop(data.schema(), name) ? data.col("`" + name + "`") : data.col(name);
  }

  /** The type of a column. */
  static DataType type(StructType schema, String name) {
    if (isTop(schema, name)) {
      return schema.apply(name).dataType();
    }
    int dot = name.indexOf('.');
    if (dot > 0
        && isTop(schema, name.substring(0, dot))
        && schema.apply(name.substring(0, dot)).dataType() instanceof StructType inner) {
      return type(inner, name.substring(dot + 1));
    }
    throw new DataException(
        "the DataFrame has no column '%s'; it has %s"
            .formatted(name, String.join(", ", schema.fieldNames())));
  }

  private static boolean isTop(StructType schema, String name) {
    return java.util.Arrays.asList(schema.fieldNames()).contains(name);
  }
}
