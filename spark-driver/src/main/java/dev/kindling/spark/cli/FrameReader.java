package dev.kindling.spark.cli;

import dev.kindling.data.DataException;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.DataConfig;
import dev.kindling.spark.config.FrameConfig;
import dev.kindling.spark.data.Characters;
import dev.kindling.spark.data.Pictures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * One of Spark's readers with its options. Files of comma-separated values have a head, and the
 * types of their columns are found out, unless the options say otherwise. The expressions may
 * decode pictures ({@link Pictures}).
 *
 * @param format as Spark calls it
 * @param options of the reader
 * @param select expressions that make the columns; none leaves them as they are
 */
record FrameReader(String format, Map<String, String> options, List<String> select) {

  /** The reader of a configuration. */
  static FrameReader of(DataConfig data) {
    FrameConfig frame = data.frame().orElseThrow();
    return new FrameReader(data.format(), frame.options(), frame.select());
  }

  /** Pictures wherever they lie below a folder, brought to a shape [channels, height, width]. */
  static FrameReader ofPictures(List<Integer> shape) {
    String picture =
        "%s(content, %d, %d, %d) AS features"
            .formatted(Pictures.NAME, shape.get(0), shape.get(1), shape.get(2));
    return new FrameReader(
        "binaryFile",
        Map.of("recursiveFileLookup", "true", "pathGlobFilter", "*.{png,jpg,jpeg,PNG,JPG,JPEG}"),
        List.of("path", picture));
  }

  /** The lines of a text; {@link Characters} has to be registered. */
  static FrameReader ofLines() {
    return new FrameReader(
        "text", Map.of(), List.of("value", Characters.NAME + "(value) AS features"));
  }

  /** Reads a file or folder. */
  Dataset<Row> read(SparkSession spark, String path) {
    Map<String, String> all = new LinkedHashMap<>();
    if (format.equals("csv")) {
      all.put("header", "true");
      all.put("inferSchema", "true");
    }
    all.putAll(options);
    Pictures.register(spark);
    try {
      Dataset<Row> data = spark.read().format(format).options(all).load(path);
      return select.isEmpty() ? data : data.selectExpr(select.toArray(String[]::new));
    } catch (Exception e) {
      throw explained(path, e);
    }
  }

  private RuntimeException explained(String path, Exception e) {
    if (e instanceof AnalysisException) { // Scala's, checked and undeclared
      String first = e.getMessage().lines().findFirst().orElse("");
      return select.isEmpty() || first.contains("PATH_NOT_FOUND")
          ? new DataException("%s: cannot be read as %s: %s".formatted(path, format, first), e)
          : new ConfigException("data.select: " + first, e);
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
