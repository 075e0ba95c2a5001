package dev.kindling.spark.data;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import scala.Function1;

/**
 * Reads a cell of a row as Spark has it inside, as what {@link Cells} takes: numbers boxed, arrays
 * of numbers as {@code double[]} with NaN for null, everything else as a {@code Row} would give it.
 */
@FunctionalInterface
interface InternalCell {

  /** The cell at a place; null where there is none. */
  Object of(InternalRow row, int place);

  /** Reads cells of a type. */
  static InternalCell of(DataType type) {
    InternalCell there = ofValue(type);
    return (row, place) -> row.isNullAt(place) ? null : there.of(row, place);
  }

  private static InternalCell ofValue(DataType type) {
    if (type instanceof BinaryType) {
      return InternalRow::getBinary;
    }
    if (type instanceof DoubleType) {
      return InternalRow::getDouble;
    }
    if (type instanceof FloatType) {
      return InternalRow::getFloat;
    }
    if (type instanceof IntegerType) {
      return InternalRow::getInt;
    }
    if (type instanceof LongType) {
      return InternalRow::getLong;
    }
    if (type instanceof ArrayType array && array.elementType() instanceof DoubleType) {
      return (row, place) -> doubles(row.getArray(place));
    }
    if (type instanceof ArrayType array && array.elementType() instanceof FloatType) {
      return (row, place) -> floats(row.getArray(place));
    }
    Function1<Object, Object> converter = CatalystTypeConverters.createToScalaConverter(type);
    return (row, place) -> converter.apply(row.get(place, type));
  }

  private static double[] doubles(ArrayData array) {
    double[] values = new double[array.numElements()];
    Arrays.setAll(values, i -> array.isNullAt(i) ? Double.NaN : array.getDouble(i));
    return values;
  }

  private static double[] floats(ArrayData array) {
    double[] values = new double[array.numElements()];
    Arrays.setAll(values, i -> array.isNullAt(i) ? Double.NaN : array.getFloat(i));
    return values;
  }
}
