package dev.kindling.spark.data;

import dev.kindling.data.format.ImagePixels;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.types.DataTypes;

/**
 * A function of SQL that decodes png and jpeg files, as Spark's {@code binaryFile} source reads
 * them:
 *
 * <pre>{@code
 * Pictures.register(spark);
 * spark.read().format("binaryFile").option("recursiveFileLookup", true).load("pets")
 *     .selectExpr("picture(content, 3, 32, 32) AS features",
 *                 "element_at(split(path, '/'), -2) AS label");
 * }</pre>
 */
public final class Pictures {
  /** The function's name. */
  public static final String NAME = "picture";

  private Pictures() {}

  /**
   * Makes {@code picture(content, channels, height, width)} a function of a session: bytes
   * [channel][row][column] of 1 (brightness) or 3 channels (red, green, blue), scaled where the
   * size differs; null for what is no picture, which a network refuses as a bad row.
   */
  public static void register(SparkSession spark) {
    spark.udf().register(NAME, new Decoder(), DataTypes.BinaryType);
  }

  private static final class Decoder implements UDF4<byte[], Integer, Integer, Integer, byte[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] call(byte[] content, Integer channels, Integer height, Integer width) {
      if (channels != 1 && channels != 3 || height < 1 || width < 1) {
        throw new IllegalArgumentException(
            "picture: [%d, %d, %d] is no shape; channels are 1 or 3, height and width at least 1"
                .formatted(channels, height, width));
      }
      return content == null
          ? null
          : ImagePixels.read(content, channels, height, width).orElse(null);
    }
  }
}
