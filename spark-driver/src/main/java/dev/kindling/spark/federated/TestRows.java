package dev.kindling.spark.federated;

import dev.kindling.data.RowFormat;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.partition.Iid;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.data.RowSource;
import dev.kindling.train.Evaluator;
import dev.kindling.train.MetricSums;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;

/**
 * Held-out rows in a fixed number of shares, so that their sums have the same bits on any cluster.
 *
 * @param config of the run
 * @param format of the rows
 * @param shares the rows, kept on the executors
 */
record TestRows(FederatedConfig config, RowFormat format, JavaRDD<ClientRows> shares) {
  /** Part of the result's bits. */
  static final int SHARES = 8;

  static TestRows of(FederatedConfig config, RowSource source) {
    ClientSource dealt = ClientShuffle.dealt(source, new Iid(), SHARES, config.seed(), SHARES);
    dealt.bad().ifPresent(bad -> bad.check("test data"));
    JavaRDD<ClientRows> shares = dealt.rows().persist(StorageLevel.MEMORY_AND_DISK());
    return new TestRows(config, source.format(), shares);
  }

  /** Loss and accuracy, added share by share. */
  MetricSums evaluate(Broadcast<float[]> values) {
    FederatedConfig description = config;
    RowFormat rowFormat = format;
    List<double[]> sums =
        shares.map(share -> evaluate(description, rowFormat, values.value(), share)).collect();
    return sums.stream()
        .sorted(Comparator.comparingDouble(share -> share[0]))
        .map(share -> new MetricSums(share[1], share[2], share[3]))
        .reduce(new MetricSums(0, 0, 0), MetricSums::plus);
  }

  private static double[] evaluate(
      FederatedConfig config, RowFormat format, float[] values, ClientRows share) {
    MetricSums sums = new Evaluator(config.evaluation()).evaluate(values, share.slice(format));
    return new double[] {share.client(), sums.lossSum(), sums.correct(), sums.count()};
  }
}
