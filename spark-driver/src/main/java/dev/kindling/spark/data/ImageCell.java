package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A picture as Spark's {@code image} source reads it: rows of pixels, blue before green before red,
 * brought to [channel][row][column] with red first.
 */
final class ImageCell {
  private static final List<String> FIELDS =
      List.of("origin", "height", "width", "nChannels", "mode", "data");

  private ImageCell() {}

  static boolean isImage(StructType type) {
    return List.of(type.fieldNames()).equals(FIELDS);
  }

  static int width(Row image) {
    return image.<byte[]>getAs("data").length;
  }

  /** The pixels by channels; alpha comes last. */
  static byte[] bytes(Row image) {
    int channels = image.getAs("nChannels");
    byte[] data = image.getAs("data");
    if (image.<Integer>getAs("height") < 0 || data.length == 0) {
      throw new DataException(image.getAs("origin") + ": not a readable image; remove it");
    }
    int plane = data.length / channels;
    byte[] planes = new byte[data.length];
    for (int c = 0; c < channels; c++) {
      int source = c < 3 && channels >= 3 ? 2 - c : c;
      for (int p = 0; p < plane; p++) {
        planes[c * plane + p] = data[p * channels + source];
      }
    }
    return planes;
  }
}
