package dev.kindling.spark.predict;

import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.RowEncoding;
import dev.kindling.train.Predictor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** A network's outputs as columns of a DataFrame, computed on the executors in batches. */
public final class Predictions {
  private static final int BATCH = 256;

  private Predictions() {}

  /** Adds {@code prediction}, and {@code probability} where classes are predicted. */
  public static Dataset<Row> add(Dataset<Row> data, ShippedNetwork network) {
    RowEncoding encoding = network.rows().features(data.schema());
    encoding.open(); // a column that is missing is named at once
    return data.mapPartitions(
        (Iterator<Row> part) -> new Batches(part, network, encoding),
        Encoders.row(Outputs.addTo(data.schema(), network.rows())));
  }

  /** The schema of rows with the columns that a network adds. */
  public static StructType schema(StructType schema, DataFrameRows rows) {
    return Outputs.addTo(schema, rows);
  }

  /** Reads rows ahead, as many as a forward pass takes. */
  private static final class Batches implements Iterator<Row> {
    private final Iterator<Row> source;
    private final Predictor predictor;
    private final Outputs outputs;
    private final RowEncoding.Opened rows;
    private final Deque<Row> done = new ArrayDeque<>(BATCH);
    private final List<Row> read = new ArrayList<>(BATCH);
    private final List<byte[]> encoded = new ArrayList<>(BATCH);

    Batches(Iterator<Row> source, ShippedNetwork network, RowEncoding encoding) {
      this.source = source;
      this.predictor = network.predictor();
      this.outputs = Outputs.of(network.rows());
      this.rows = encoding.open();
    }

    @Override
    public boolean hasNext() {
      return !done.isEmpty() || source.hasNext();
    }

    @Override
    public Row next() {
      if (done.isEmpty()) {
        batch();
      }
      return done.remove();
    }

    private void batch() {
      read.clear();
      encoded.clear();
      while (read.size() < BATCH && source.hasNext()) {
        Row row = source.next();
        read.add(row);
        encoded.add(rows.encodeFeatures(row));
      }
      List<byte[]> usable = encoded.stream().filter(row -> row != null).toList();
      Iterator<float[]> said =
          usable.isEmpty() ? List.<float[]>of().iterator() : predictor.predict(usable).iterator();
      for (int i = 0; i < read.size(); i++) {
        done.add(extended(read.get(i), encoded.get(i) == null ? null : said.next()));
      }
    }

    private Row extended(Row row, float[] output) {
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
  }
}
