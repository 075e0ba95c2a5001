package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** What the cells of a column of a DataFrame are. */
enum Form {
  /** A number, or true and false as 1 and 0. */
  NUMBER,
  /** A text: a category, or a number as files of comma-separated values have them. */
  TEXT,
  /** An array of numbers. */
  ARRAY,
  /** A vector of spark.ml, dense or sparse. */
  VECTOR,
  /** Bytes from 0 to 255. */
  BYTES,
  /** A picture as Spark's {@code image} source reads it. */
  IMAGE;

  /** Known by name, since spark.ml may not be there. */
  private static final String VECTOR_TYPE = "org.apache.spark.ml.linalg.VectorUDT";

  /**
   * The form of a column's cells.
   *
   * @throws DataException naming the column and its type where it can be no input of a network
   */
  static Form of(String column, DataType type) {
    if (type instanceof NumericType || type instanceof BooleanType) {
      return NUMBER;
    }
    if (type instanceof StringType) {
      return TEXT;
    }
    if (type instanceof ArrayType array && array.elementType() instanceof NumericType) {
      return ARRAY;
    }
    if (type instanceof BinaryType) {
      return BYTES;
    }
    if (type.getClass().getName().equals(VECTOR_TYPE)) {
      return VECTOR;
    }
    if (type instanceof StructType struct && ImageCell.isImage(struct)) {
      return IMAGE;
    }
    throw new DataException(
        "column '%s' is %s; features and targets are numbers, arrays of numbers, vectors, binary, images or categories"
            .formatted(column, type.catalogString()));
  }

  /** A type that has this form, for a column whose own is not known. */
  DataType type() {
    return switch (this) {
      case NUMBER -> DataTypes.DoubleType;
      case TEXT -> DataTypes.StringType;
      case ARRAY, VECTOR -> DataTypes.createArrayType(DataTypes.DoubleType);
      case BYTES, IMAGE -> DataTypes.BinaryType;
    };
  }

  /** Whether a cell holds one value. */
  boolean isSingle() {
    return this == NUMBER || this == TEXT;
  }

  /** Whether a cell holds unsigned bytes. */
  boolean isBytes() {
    return this == BYTES || this == IMAGE;
  }
}
