package dev.kindling.spark.data;

import dev.kindling.data.Target;
import dev.kindling.nn.Module;
import dev.kindling.train.Predictor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A network's outputs as columns of a DataFrame, computed on the executors in batches. */
public final class Predictions {
  private static final int BATCH = 256;

  private Predictions() {}

  /** Adds {@code prediction}, and {@code probability} where classes are predicted. */
  public static Dataset<Row> add(
      Dataset<Row> data, Module model, float[] values, DataFrameRows rows) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(data.sparkSession().sparkContext());
    Broadcast<float[]> shipped = spark.broadcast(values); // once for each JVM
    MapPartitionsFunction<Row, Row> predict =
        part -> new Batches(part, new Predictor(model, shipped.value(), rows.format()), rows);
    return data.mapPartitions(predict, Encoders.row(schema(data.schema(), rows)));
  }

  private static boolean isClasses(DataFrameRows rows) {
    return rows.format().target() instanceof Target.Labels;
  }

  private static StructType schema(StructType from, DataFrameRows rows) {
    StructType with = from.add("prediction", DataTypes.DoubleType, false);
    return isClasses(rows)
        ? with.add("probability", DataTypes.createArrayType(DataTypes.FloatType, false), false)
        : with;
  }

  /** Reads rows ahead, as many as a forward pass takes. */
  private static final class Batches implements Iterator<Row> {
    private final Iterator<Row> source;
    private final Predictor predictor;
    private final DataFrameRows rows;
    private final Deque<Row> done = new ArrayDeque<>();

    Batches(Iterator<Row> source, Predictor predictor, DataFrameRows rows) {
      this.source = source;
      this.predictor = predictor;
      this.rows = rows;
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
      List<Row> read = new ArrayList<>(BATCH);
      List<byte[]> encoded = new ArrayList<>(BATCH);
      while (read.size() < BATCH && source.hasNext()) {
        Row row = source.next();
        read.add(row);
        encoded.add(rows.encodeFeatures(row).row());
      }
      List<float[]> outputs = predictor.predict(encoded);
      for (int i = 0; i < read.size(); i++) {
        done.add(extended(read.get(i), outputs.get(i)));
      }
    }

    private Row extended(Row row, float[] output) {
      List<Object> columns = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        columns.add(row.get(i));
      }
      columns.add(isClasses(rows) ? (double) Predictor.argmax(output) : (double) output[0]);
      if (isClasses(rows)) {
        columns.add(output);
      }
      return RowFactory.create(columns.toArray());
    }
  }
}
