package dev.kindling.spark.predict;

import dev.kindling.data.DataException;
import dev.kindling.data.RowFormat;
import dev.kindling.federated.partition.Iid;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.RowSource;
import dev.kindling.train.Evaluation;
import dev.kindling.train.Predictor;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Metrics of a network over the rows of a DataFrame, computed on the executors. Rows are dealt by
 * their content to a fixed number of shares, so the bits depend neither on partitions nor on cores.
 * A share is held in the memory of its task.
 */
public final class Evaluations {
  /** Part of the result's bits. */
  private static final int SHARES = 8;

  private static final long SEED = 1;

  private Evaluations() {}

  private record Share(int number, Evaluation evaluation) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** Evaluates all rows. */
  public static Evaluation of(Dataset<Row> data, ShippedNetwork network) {
    RowSource source = network.rows().source(data);
    RowFormat format = source.format();
    JavaRDD<ClientRows> dealt = ClientShuffle.dealt(source, new Iid(), SHARES, SEED, SHARES).rows();
    List<Share> shares =
        dealt.map(rows -> new Share(rows.client(), of(network, rows, format))).collect();
    source.bad().ifPresent(bad -> bad.check("rows to evaluate"));
    return shares.stream()
        .sorted(Comparator.comparingInt(Share::number))
        .map(Share::evaluation)
        .reduce(Evaluation::plus)
        .orElseThrow(() -> new DataException("there is no row to evaluate; check the filter"));
  }

  private static Evaluation of(ShippedNetwork network, ClientRows rows, RowFormat format) {
    Predictor predictor = network.outputs();
    return Evaluation.of(predictor, rows.slice(format));
  }
}
