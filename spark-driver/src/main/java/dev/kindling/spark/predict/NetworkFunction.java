package dev.kindling.spark.predict;

import dev.kindling.data.DataException;
import dev.kindling.spark.data.RowEncoding;
import dev.kindling.train.Predictor;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One column of a network's outputs as a function of SQL, row by row: of the features column, or of
 * a struct of them where there are several. A thread works with it at a time.
 */
public final class NetworkFunction implements UDF1<Object, Object> {
  private static final long serialVersionUID = 1L;

  private final ShippedNetwork network;
  private final StructField column;
  private final int place;
  private transient Predictor predictor;
  private transient Outputs outputs;
  private transient RowEncoding.Opened rows;

  private NetworkFunction(ShippedNetwork network, StructField column, int place) {
    this.network = network;
    this.column = column;
    this.place = place;
  }

  /** The function that gives one of the columns {@code prediction}, {@code probability}, ... */
  public static NetworkFunction of(ShippedNetwork network, String column) {
    StructType all = columns(network);
    int place = all.fieldIndex(column);
    return new NetworkFunction(network, all.apply(place), place);
  }

  /** The names of the columns that functions can give. */
  public static List<String> names(ShippedNetwork network) {
    return List.of(columns(network).fieldNames());
  }

  private static StructType columns(ShippedNetwork network) {
    return Outputs.addTo(new StructType(), network.rows());
  }

  /** What the function gives. */
  public DataType type() {
    return column.dataType();
  }

  @Override
  public synchronized Object call(Object features) {
    if (features == null) {
      return null;
    }
    boolean isStruct = features instanceof Row && network.rows().featureColumns().size() > 1;
    Row row = isStruct ? (Row) features : RowFactory.create(features);
    if (rows == null) {
      open(isStruct ? row.schema() : network.rows().onlyFeature());
    }
    byte[] encoded = encoded(row);
    if (encoded == null) {
      return null;
    }
    Object[] said = new Object[outputs.columns()];
    outputs.write(predictor.predict(List.of(encoded)).get(0), said, 0);
    return said[place];
  }

  /** Null where a missing value drops the row, or where training skipped rows like it. */
  private byte[] encoded(Row row) {
    try {
      return rows.encodeFeatures(row);
    } catch (DataException e) {
      if (network.rows().badRows().most() > 0) {
        return null;
      }
      throw e;
    }
  }

  private void open(StructType schema) {
    rows = network.rows().features(schema).open();
    outputs = Outputs.of(network.rows());
    predictor = network.predictor();
  }
}
