package dev.kindling.spark.cli;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** A column in a form that a file format can hold. */
final class WrittenColumn {
  private WrittenColumn() {}

  /** In comma-separated values bytes become base64, arrays and structs JSON. */
  static Column of(Dataset<Row> data, String name, String format) {
    Column column = data.col("`" + name + "`");
    DataType type = data.schema().apply(name).dataType();
    if (!format.equals("csv")) {
      return column;
    }
    if (type instanceof BinaryType) {
      return functions.base64(column).as(name);
    }
    boolean isNested =
        type instanceof ArrayType || type instanceof StructType || type instanceof MapType;
    return isNested ? functions.to_json(column).as(name) : column;
  }
}
