package dev.kindling.spark.data;

import dev.kindling.data.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Holds rows of a DataFrame out before anything is learned of it, so that scales, stand-ins and
 * categories are those of the training rows alone. Held out are the rows whose hash, of the columns
 * that are needed and the seed, is below that of rank {@code rint(fraction * N)}: the same with any
 * partitions and workers; equal rows stay together.
 *
 * <p>Both parts have all rows, and a column that says which belong to them: a row that cannot be
 * used is still named by its place in its file.
 */
public final class FrameSplit {
  private static final String BELONGS = "kindling: belongs";

  private FrameSplit() {}

  /**
   * Splits a DataFrame.
   *
   * @param fraction of the rows that is held out, above 0 and less than 1
   */
  public static Split<Dataset<Row>> of(Dataset<Row> data, DataSpec spec, double fraction, long seed)
      throws ExecutionException, InterruptedException {
    Column hash = hash(data, spec, seed);
    JavaRDD<Long> hashes = data.select(hash.as("hash")).javaRDD().map(row -> row.getLong(0));
    Column isHeldOut = hash.lt(functions.lit(HashBorder.of(hashes, fraction)));
    return new Split<>(
        data.withColumn(BELONGS, functions.not(isHeldOut)), data.withColumn(BELONGS, isHeldOut));
  }

  private static Column hash(Dataset<Row> data, DataSpec spec, long seed) {
    List<Column> content = new ArrayList<>();
    content.add(functions.lit(seed));
    Stream.of(
            spec.features().stream().map(column -> column.name()),
            spec.targets().stream().map(column -> column.name()),
            spec.weight().stream())
        .flatMap(names -> names)
        .distinct()
        .forEach(name -> content.add(Columns.of(data, name)));
    return functions.xxhash64(content.toArray(Column[]::new));
  }

  /** What has to be selected beside other columns; nothing of a DataFrame that was not split. */
  static List<Column> marks(Dataset<Row> data) {
    return isSplit(data.schema()) ? List.of(data.col("`" + BELONGS + "`")) : List.of();
  }

  /** The rows that belong to a part, as a DataFrame of them alone. */
  static Dataset<Row> only(Dataset<Row> data) {
    return isSplit(data.schema()) ? data.filter(data.col("`" + BELONGS + "`")) : data;
  }

  /** Whether a row of a schema belongs to its part. */
  static Predicate<Row> belongs(StructType schema) {
    if (!isSplit(schema)) {
      return row -> true;
    }
    int place = schema.fieldIndex(BELONGS);
    return row -> row.getBoolean(place);
  }

  private static boolean isSplit(StructType schema) {
    return Arrays.asList(schema.fieldNames()).contains(BELONGS);
  }
}
