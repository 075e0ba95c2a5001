package dev.kindling.spark.predict;

import dev.kindling.spark.data.BadRowCount;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.RowEncoding;
import dev.kindling.spark.data.RowPolicy;
import java.util.Iterator;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A network's outputs as columns of a DataFrame, computed on the executors in batches.
 *
 * <p>Rows are read and written as Spark has them inside: making a {@code Row} of each and back
 * again took longer than the network. A stream's rows go through {@code Row}.
 */
public final class Predictions {

  private Predictions() {}

  /**
   * Adds {@code prediction}, and {@code probability} where classes are predicted: null in a row
   * that is dropped or skipped.
   *
   * @param bad counts the rows that are skipped; a task ends at one more than may be
   */
  public static Dataset<Row> add(Dataset<Row> data, ShippedNetwork network, BadRowCount bad) {
    RowEncoding encoding = network.rows().features(data.schema());
    encoding.open(); // a column that is missing is named at once
    StructType schema = Outputs.addTo(data.schema(), network.rows());
    boolean isPlanned = data instanceof org.apache.spark.sql.classic.Dataset;
    return isPlanned && !data.isStreaming()
        ? addInside(
            (org.apache.spark.sql.classic.Dataset<Row>) data, network, encoding, bad, schema)
        : data.mapPartitions(
            (Iterator<Row> part) -> ofRows(part, network, encoding, bad), Encoders.row(schema));
  }

  private static Dataset<Row> addInside(
      org.apache.spark.sql.classic.Dataset<Row> data,
      ShippedNetwork network,
      RowEncoding encoding,
      BadRowCount bad,
      StructType schema) {
    RDD<InternalRow> said =
        new PlannedRows(data)
            .toJavaRDD()
            .mapPartitions(part -> ofInternalRows(part, network, encoding, bad))
            .rdd();
    return ((SparkSession) data.sparkSession()).internalCreateDataFrame(said, schema, false);
  }

  /** The schema of rows with the columns that a network adds. */
  public static StructType schema(StructType schema, DataFrameRows rows) {
    return Outputs.addTo(schema, rows);
  }

  private static Iterator<Row> ofRows(
      Iterator<Row> part, ShippedNetwork network, RowEncoding encoding, BadRowCount bad) {
    RowEncoding.Opened rows = encoding.open();
    Outputs outputs = Outputs.of(network.rows());
    return new Batches<>(
        part,
        row -> row,
        rows::encodeFeatures,
        new RowPolicy(bad),
        network,
        (a, b) -> row(a, b, outputs));
  }

  private static Row row(Row row, float[] output, Outputs outputs) {
    int width = row.size();
    Object[] columns = new Object[width + outputs.columns()];
    for (int i = 0; i < width; i++) {
      columns[i] = row.get(i);
    }
    if (output != null) {
      outputs.write(output, columns, width);
    }
    return RowFactory.create(columns);
  }

  /** Rows are copied, since Spark uses one for all; what comes out is written at once. */
  private static Iterator<InternalRow> ofInternalRows(
      Iterator<InternalRow> part, ShippedNetwork network, RowEncoding encoding, BadRowCount bad) {
    RowEncoding.Opened rows = encoding.open();
    Outputs outputs = Outputs.of(network.rows());
    return new Batches<>(
        part,
        InternalRow::copy,
        rows::encodeFeatures,
        new RowPolicy(bad),
        network,
        (row, output) -> joined(row, output, outputs));
  }

  private static InternalRow joined(InternalRow row, float[] output, Outputs outputs) {
    Object[] columns = new Object[outputs.columns()];
    if (output != null) {
      outputs.writeInside(output, columns);
    }
    return new JoinedRow(row, new GenericInternalRow(columns));
  }
}
