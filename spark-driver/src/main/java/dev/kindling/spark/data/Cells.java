package dev.kindling.spark.data;

import java.util.Arrays;
import org.apache.spark.sql.Row;
import scala.collection.mutable.ArraySeq;

/** The values in a cell of a DataFrame. */
final class Cells {
  private Cells() {}

  /** Number of values in a cell. */
  static int width(Form form, Object cell) {
    return switch (form) {
      case NUMBER, TEXT -> 1;
      case ARRAY -> ((scala.collection.Seq<?>) cell).size();
      case VECTOR -> VectorCell.width(cell);
      case BYTES -> ((byte[]) cell).length;
      case IMAGE -> ImageCell.width((Row) cell);
    };
  }

  /**
   * The values; NaN stands for one that is missing.
   *
   * @throws NumberFormatException where a text is no number
   */
  static double[] values(Form form, Object cell) {
    return switch (form) {
      case NUMBER, TEXT -> new double[] {number(cell)};
      case ARRAY ->
          cell instanceof double[] numbers ? numbers : array((scala.collection.Seq<?>) cell);
      case VECTOR -> cell instanceof double[] numbers ? numbers : VectorCell.values(cell);
      case BYTES, IMAGE -> unsigned(bytes(form, cell));
    };
  }

  /** The bytes of a cell that holds bytes. */
  static byte[] bytes(Form form, Object cell) {
    return form == Form.IMAGE ? ImageCell.bytes((Row) cell) : (byte[]) cell;
  }

  private static double[] unsigned(byte[] bytes) {
    double[] values = new double[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }

  private static double[] array(scala.collection.Seq<?> cell) {
    Object inside = cell instanceof ArraySeq<?> seq ? seq.array() : null;
    if (inside instanceof double[] doubles) {
      return doubles.clone();
    }
    double[] values = new double[cell.size()];
    if (inside instanceof Object[] objects) {
      Arrays.setAll(values, i -> number(objects[i]));
    } else {
      Arrays.setAll(values, i -> number(cell.apply(i)));
    }
    return values;
  }

  private static double number(Object value) {
    if (value == null) {
      return Double.NaN;
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return parsed(value.toString().strip());
  }

  /** A text may stand for a number, as in a file of comma-separated values. */
  private static double parsed(String text) {
    return switch (text) {
      case "", "NA", "N/A", "NaN", "nan", "null", "NULL", "?" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }
}
