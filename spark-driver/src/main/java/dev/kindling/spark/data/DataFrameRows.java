package dev.kindling.spark.data;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.RowFormat;
import dev.kindling.data.table.Missing;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * How the rows of a DataFrame become encoded rows, with all that was learned from the training
 * rows; kept with the model. Immutable.
 *
 * @param features columns that the network reads
 * @param targets columns that it predicts
 * @param weight the column of weights; null where each row counts 1
 * @param group the column that says whose a row is; null where none was named
 * @param badRows what is done with rows that cannot be used
 * @param format what an encoded row is made of
 */
public record DataFrameRows(
    List<LearnedColumn> features,
    List<LearnedColumn> targets,
    String weight,
    String group,
    BadRows badRows,
    RowFormat format)
    implements Serializable {

  /** Copies the columns. */
  public DataFrameRows {
    features = List.copyOf(features);
    targets = List.copyOf(targets);
  }

  /** Rows of bytes in a column {@code features} and a {@code label}, as image files give them. */
  public static DataFrameRows ofImages(RowFormat format) {
    Form form = format.element() == ElementType.UINT8 ? Form.BYTES : Form.ARRAY;
    return new DataFrameRows(
        List.of(LearnedColumn.of(number("features"), form, format.features())),
        List.of(LearnedColumn.of(number("label"), Form.NUMBER, 1)),
        null,
        null,
        BadRows.fail(),
        format);
  }

  /**
   * Rows of bytes or numbers in a column {@code features}, made of a picture or a text; null where
   * it cannot be made.
   *
   * @param names of the labels
   */
  public static DataFrameRows ofFiles(RowFormat format, List<String> names) {
    Form form = format.element() == ElementType.UINT8 ? Form.BYTES : Form.ARRAY;
    LearnedColumn label =
        new LearnedColumn(
            dev.kindling.data.table.Column.index("label"),
            Form.TEXT,
            1,
            List.of(),
            List.of(),
            List.of(),
            names);
    return new DataFrameRows(
        List.of(
            LearnedColumn.of(number("features").missing(Missing.drop()), form, format.features())),
        List.of(label),
        null,
        null,
        BadRows.fail(),
        format);
  }

  private static dev.kindling.data.table.Column number(String name) {
    return dev.kindling.data.table.Column.number(name);
  }

  /** The names of the features, those of categories as {@code column=category}. */
  public List<String> featureNames() {
    return features.stream().flatMap(column -> column.featureNames().stream()).toList();
  }

  /** The categories that are predicted, by label; none where labels are numbers. */
  public List<String> labelNames() {
    return targets.get(0).categories();
  }

  /** The feature columns, by their names in the DataFrame. */
  public List<String> featureColumns() {
    return features.stream().map(feature -> feature.column().name()).toList();
  }

  /** A schema of the first feature column alone, as a function of one argument has it. */
  public StructType onlyFeature() {
    return new StructType().add(featureColumns().get(0), features.get(0).form().type());
  }

  /** The rows, with their targets and weights. */
  public RowSource source(Dataset<Row> data) {
    BadRowCount bad = count(data.sparkSession());
    Dataset<Row> needed = select(data, null);
    RowEncoding encoding = new RowEncoding(this, needed.schema(), bad);
    JavaRDD<byte[]> rows = needed.javaRDD().mapPartitions(encoding::encode);
    return new RowSource(format, rows, Optional.of(bad));
  }

  /**
   * The rows by the group they belong to, the group's value as text; one that belongs to nobody is
   * a bad row.
   *
   * @throws IllegalStateException where no group column was named
   */
  public NamedRows byGroup(Dataset<Row> data) {
    if (group == null) {
      throw new IllegalStateException("data: no group column was named; call withGroup(...)");
    }
    BadRowCount bad = count(data.sparkSession());
    Dataset<Row> needed = select(data, group);
    RowEncoding encoding = new RowEncoding(this, needed.schema(), bad);
    int place = needed.schema().fieldIndex(group);
    String column = group;
    JavaPairRDD<String, byte[]> named =
        needed
            .javaRDD()
            .mapPartitionsToPair(
                rows ->
                    encoding.encode(
                        rows,
                        (row, encoded) -> new Tuple2<>(name(column, row.get(place)), encoded)));
    return new NamedRows(format, named, bad);
  }

  private static String name(String column, Object cell) {
    if (cell == null) {
      throw new DataException("column '%s' has no value; it says whose a row is".formatted(column));
    }
    return cell.toString();
  }

  /** The columns that are needed alone, so that a reader may leave out all others. */
  private Dataset<Row> select(Dataset<Row> data, String more) {
    List<Column> columns = new ArrayList<>();
    Stream.of(
            features.stream().map(f -> f.column().name()),
            targets.stream().map(t -> t.column().name()),
            Stream.ofNullable(weight),
            Stream.ofNullable(more))
        .flatMap(names -> names)
        .distinct()
        .forEach(name -> columns.add(Columns.of(data, name).as(name)));
    columns.addAll(FrameSplit.marks(data));
    return data.select(columns.toArray(Column[]::new));
  }

  /** A count of rows that are left out, which the tasks of a session add to. */
  public BadRowCount count(SparkSession spark) {
    BadRowCount bad = new BadRowCount(badRows.most());
    spark.sparkContext().register(bad, "bad rows");
    return bad;
  }

  /** Encodes rows of this schema without their targets. */
  public RowEncoding features(StructType schema) {
    return new RowEncoding(this, schema, null);
  }
}
