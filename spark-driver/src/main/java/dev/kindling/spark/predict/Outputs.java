package dev.kindling.spark.predict;

import dev.kindling.data.Target;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.train.Predictor;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A network's outputs for a row as columns: for classes {@code prediction} (double, the most
 * probable label), {@code category} (its name, where labels are categories) and {@code probability}
 * (array of float), of a sequence those of its last place; for one value {@code prediction}
 * (double), for several an array of float. Immutable.
 */
abstract class Outputs {

  /** The outputs of a network that reads such rows. */
  static Outputs of(DataFrameRows rows) {
    if (rows.format().target() instanceof Target.Labels labels) {
      return new Classes(rows.labelNames(), labels.classes());
    }
    return rows.format().target().length() == 1 ? new Value() : new Values();
  }

  /** A schema with these columns; they are null in rows that a missing value drops. */
  static StructType addTo(StructType schema, DataFrameRows rows) {
    return of(rows).addTo(schema);
  }

  abstract StructType addTo(StructType schema);

  /** Number of columns. */
  abstract int columns();

  /** Writes the columns of a row. */
  abstract void write(float[] output, Object[] row, int at);

  /** The same as Spark has values inside. */
  final void writeInside(float[] output, Object[] columns) {
    write(output, columns, 0);
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] instanceof float[] array) {
        columns[i] = UnsafeArrayData.fromPrimitiveArray(array);
      } else if (columns[i] instanceof String text) {
        columns[i] = UTF8String.fromString(text);
      }
    }
  }

  private static final class Classes extends Outputs {
    private final List<String> names;
    private final int classes;

    Classes(List<String> names, int classes) {
      this.names = names;
      this.classes = classes;
    }

    @Override
    StructType addTo(StructType schema) {
      StructType with = schema.add("prediction", DataTypes.DoubleType, true);
      with = names.isEmpty() ? with : with.add("category", DataTypes.StringType, true);
      return with.add("probability", DataTypes.createArrayType(DataTypes.FloatType, false), true);
    }

    @Override
    int columns() {
      return names.isEmpty() ? 2 : 3;
    }

    @Override
    void write(float[] output, Object[] row, int at) {
      float[] last =
          output.length == classes
              ? output
              : Arrays.copyOfRange(output, output.length - classes, output.length);
      int best = Predictor.argmax(last);
      row[at] = (double) best;
      row[at + columns() - 1] = last;
      if (!names.isEmpty()) {
        row[at + 1] = best < names.size() ? names.get(best) : null;
      }
    }
  }

  private static final class Value extends Outputs {
    @Override
    StructType addTo(StructType schema) {
      return schema.add("prediction", DataTypes.DoubleType, true);
    }

    @Override
    int columns() {
      return 1;
    }

    @Override
    void write(float[] output, Object[] row, int at) {
      row[at] = (double) output[0];
    }
  }

  private static final class Values extends Outputs {
    @Override
    StructType addTo(StructType schema) {
      return schema.add("prediction", DataTypes.createArrayType(DataTypes.FloatType, false), true);
    }

    @Override
    int columns() {
      return 1;
    }

    @Override
    void write(float[] output, Object[] row, int at) {
      row[at] = output;
    }
  }
}
