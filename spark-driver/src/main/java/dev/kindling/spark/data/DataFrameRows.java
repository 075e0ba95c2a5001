package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * How the rows of a DataFrame become encoded rows: one features column (binary, or an array of
 * numbers) or several numeric ones, and a label column. Immutable.
 *
 * @param features names of the feature columns
 * @param label name of the label column
 * @param format what an encoded row is made of
 */
public record DataFrameRows(List<String> features, String label, RowFormat format)
    implements Serializable {

  /**
   * Looks at the schema, and at the first row for the length of an array.
   *
   * @param shape of the features; their number as a vector where it is empty
   * @throws DataException naming a column that is missing or of a type that cannot be read
   */
  public static DataFrameRows of(
      Dataset<Row> data,
      List<String> features,
      String label,
      Optional<List<Integer>> shape,
      Target target,
      Normalisation normalisation) {
    StructType schema = data.schema();
    features.forEach(column -> requireReadable(schema, column));
    requireNumeric(schema, label);
    boolean isBinary = schema.apply(features.get(0)).dataType() instanceof BinaryType;
    List<Integer> sizes = shape.orElseGet(() -> List.of(width(data, features)));
    ElementType element = isBinary ? ElementType.UINT8 : ElementType.FLOAT32;
    RowFormat format = new RowFormat(sizes, element, target, normalisation);
    return new DataFrameRows(List.copyOf(features), label, format);
  }

  private static DataType type(StructType schema, String column) {
    if (!List.of(schema.fieldNames()).contains(column)) {
      throw new DataException(
          "the DataFrame has no column '%s'; it has %s"
              .formatted(column, String.join(", ", schema.fieldNames())));
    }
    return schema.apply(column).dataType();
  }

  private static void requireReadable(StructType schema, String column) {
    DataType type = type(schema, column);
    boolean isNumbers =
        type instanceof ArrayType array && array.elementType() instanceof NumericType;
    if (!isNumbers && !(type instanceof NumericType) && !(type instanceof BinaryType)) {
      throw new DataException(
          "column '%s' is %s; features are numbers, arrays of numbers or binary"
              .formatted(column, type.catalogString()));
    }
  }

  private static void requireNumeric(StructType schema, String column) {
    DataType type = type(schema, column);
    if (!(type instanceof NumericType)) {
      throw new DataException(
          "column '%s' is %s; a label is a number".formatted(column, type.catalogString()));
    }
  }

  private static int width(Dataset<Row> data, List<String> features) {
    if (features.size() > 1) {
      return features.size();
    }
    Row first = data.select(features.get(0)).first();
    return new RowReader(first, features).width();
  }

  /** The rows, with their labels. */
  public RowSource source(Dataset<Row> data) {
    DataFrameRows description = this;
    return new RowSource(format, data.javaRDD().map(description::encode));
  }

  /** One row with its label. */
  byte[] encode(Row row) {
    RowEncoder encoder = encodeFeatures(row);
    Number value = (Number) RowReader.value(row, label);
    if (format.target() instanceof Target.Labels) {
      int number = value.intValue();
      if (number != value.doubleValue()) {
        throw new DataException(
            "column '%s' is %s; a class label is a whole number".formatted(label, value));
      }
      return encoder.label(number).row();
    }
    return encoder.values(new float[] {value.floatValue()}, 0).row();
  }

  /** One row without a label. */
  public RowEncoder encodeFeatures(Row row) {
    RowReader reader = new RowReader(row, features);
    RowEncoder encoder = new RowEncoder(format);
    if (reader.width() != format.features()) {
      throw new DataException(
          "columns %s hold %d values in a row; the shape %s needs %d"
              .formatted(features, reader.width(), format.shape(), format.features()));
    }
    return format.element() == ElementType.UINT8
        ? encoder.bytes(reader.bytes(), 0)
        : encoder.floats(reader.floats(), 0);
  }
}
