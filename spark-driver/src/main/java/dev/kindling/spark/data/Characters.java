package dev.kindling.spark.data;

import dev.kindling.data.ElementType;
import dev.kindling.data.format.Vocabulary;
import java.util.Arrays;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A function of SQL that numbers the last characters of a text, for a network that predicts the one
 * that follows: {@code characters(value)}.
 */
public final class Characters {
  /** The function's name. */
  public static final String NAME = "characters";

  private Characters() {}

  /**
   * Makes {@code characters(text)} a function of a session: as many numbers as the network reads,
   * bytes or an array of float; null of a text that is shorter, or null itself.
   *
   * @param rows of a network that was trained on characters
   */
  public static void register(SparkSession spark, DataFrameRows rows) {
    boolean isBytes = rows.format().element() == ElementType.UINT8;
    DataType type =
        isBytes ? DataTypes.BinaryType : DataTypes.createArrayType(DataTypes.FloatType, false);
    Vocabulary vocabulary = new Vocabulary(String.join("", rows.labelNames()));
    spark.udf().register(NAME, new Numbers(vocabulary, rows.format().features(), isBytes), type);
  }

  private record Numbers(Vocabulary vocabulary, int length, boolean isBytes)
      implements UDF1<String, Object> {
    @Override
    public Object call(String text) {
      int characters = text == null ? 0 : text.codePointCount(0, text.length());
      if (characters < length) {
        return null;
      }
      int from = text.offsetByCodePoints(0, characters - length);
      int[] numbers = vocabulary.encode(text.substring(from));
      if (!isBytes) {
        return Arrays.stream(numbers).mapToObj(number -> (float) number).toArray(Float[]::new);
      }
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) numbers[i];
      }
      return bytes;
    }
  }
}
