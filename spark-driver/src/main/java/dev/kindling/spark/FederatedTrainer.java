package dev.kindling.spark;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.partition.ClientPartition;
import dev.kindling.spark.data.ClientShuffle;
import dev.kindling.spark.data.ClientSource;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DataSpec;
import dev.kindling.spark.data.LossTarget;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.federated.FederatedJob;
import dev.kindling.spark.federated.FederatedListener;
import dev.kindling.spark.federated.FederatedOptions;
import dev.kindling.train.StoredModel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Federated averaging over the rows of a DataFrame, grouped into clients. What leaves a client's
 * partition in a round are sums of weighted updates.
 *
 * <pre>{@code
 * TrainedModel model = FederatedTrainer.of(config)
 *     .data(DataSpec.of("label", "features").withGroup("hospital"))
 *     .clientPerGroup()
 *     .fit(dataFrame);
 * }</pre>
 *
 * <p>A group column needs a shuffle at the start, which brings each client's rows together; with
 * {@link #clientPerPartition}, the default, no row is moved. Immutable and thread-safe.
 */
public final class FederatedTrainer {
  private final FederatedConfig config;
  private final DataSpec data;
  private final Grouping grouping;
  private final FederatedOptions options;
  private final List<FederatedListener> listeners;

  private FederatedTrainer(
      FederatedConfig config,
      DataSpec data,
      Grouping grouping,
      FederatedOptions options,
      List<FederatedListener> listeners) {
    this.config = config;
    this.data = data;
    this.grouping = grouping;
    this.options = options;
    this.listeners = listeners;
  }

  /** How rows become clients. */
  @FunctionalInterface
  private interface Grouping {
    ClientSource of(Dataset<Row> data, DataFrameRows rows, long seed, int mostParts);
  }

  /** A trainer that takes every Spark partition for a client. */
  public static FederatedTrainer of(FederatedConfig config) {
    return new FederatedTrainer(
        Objects.requireNonNull(config, "config"),
        DataSpec.of("label", "features"),
        FederatedTrainer::perPartition,
        FederatedOptions.plain(),
        List.of());
  }

  /** The columns; {@code features} and {@code label} by default. */
  public FederatedTrainer data(DataSpec columns) {
    return new FederatedTrainer(config, columns, grouping, options, listeners);
  }

  private FederatedTrainer with(Grouping other) {
    return new FederatedTrainer(config, data, other, options, listeners);
  }

  /** The rows with the same value in the group column are a client's; sorted by its text. */
  public FederatedTrainer clientPerGroup() {
    return with(FederatedTrainer::perGroup);
  }

  /** Every Spark partition of the DataFrame is a client: no row is moved. */
  public FederatedTrainer clientPerPartition() {
    return with(FederatedTrainer::perPartition);
  }

  /** Clients made up from the rows by a seeded partition, to try a method out. */
  public FederatedTrainer partition(ClientPartition partition, int clients) {
    return with(
        (rows, encoding, seed, mostParts) ->
            ClientShuffle.dealt(encoding.source(rows), partition, clients, seed, mostParts));
  }

  /** Deadline, evaluation, checkpoints; see {@link FederatedOptions}. */
  public FederatedTrainer options(FederatedOptions choice) {
    return new FederatedTrainer(config, data, grouping, choice, listeners);
  }

  /** Told how the run goes. */
  public FederatedTrainer listeners(FederatedListener... all) {
    return new FederatedTrainer(config, data, grouping, options, List.of(all));
  }

  /**
   * Trains on the clients' rows.
   *
   * @throws IllegalArgumentException with privacy, where a column's mean, median, deviation or
   *     categories would be learned from all clients' rows
   * @throws dev.kindling.data.DataException when there is no row, or more bad ones than may be
   *     skipped
   */
  public TrainedModel fit(Dataset<Row> rows) {
    return fit(rows, Optional.empty());
  }

  /** Trains on the clients' rows, evaluating on the rows of another DataFrame. */
  public TrainedModel fit(Dataset<Row> rows, Dataset<Row> test) {
    return fit(rows, Optional.of(test));
  }

  private TrainedModel fit(Dataset<Row> rows, Optional<Dataset<Row>> test) {
    config.clientPrivacy().ifPresent(kept -> data.requireNothingLearned());
    DataFrameRows encoding =
        data.learn(rows, shape -> LossTarget.of(config.model(), config.loss(), shape));
    Optional<RowSource> testRows = test.map(encoding::source);
    int mostParts = options.mostParts(rows.sparkSession().sparkContext(), config.participation());
    float[] values =
        new FederatedJob(config, options, listeners)
            .run(grouping.of(rows, encoding, config.seed(), mostParts), testRows);
    return new TrainedModel(new StoredModel(config.model(), values, List.of()), encoding);
  }

  private static ClientSource perPartition(
      Dataset<Row> data, DataFrameRows rows, long seed, int mostParts) {
    return ClientShuffle.partitions(rows.source(data), seed);
  }

  private static ClientSource perGroup(
      Dataset<Row> data, DataFrameRows rows, long seed, int mostParts) {
    return ClientShuffle.grouped(rows.byGroup(data), seed, mostParts);
  }
}
