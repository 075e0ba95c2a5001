package dev.kindling.spark.bench;

import dev.kindling.data.EncodedRows;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.SliceMemory;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.predict.Predictions;
import dev.kindling.spark.predict.ShippedNetwork;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.StoredModel;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Spliterators;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The way of the data to the network, in images a second: ingest, predictions, slices on disk.
 *
 * @param images how many, of 28 x 28 bytes
 * @param passes of a measurement; the first half warms up
 */
record DataBench(int images, int passes) {
  private static final Normalisation PIXELS = NetworkRun.PIXELS;

  /** So many different digits are drawn at most. */
  private static final int DRAWN = 10_000;

  /** From rows in the driver to slices at two workers, and one pass of a linear network. */
  double ingest() {
    SyntheticDigits drawn = drawn();
    List<byte[]> rows = new ArrayList<>(images);
    for (int i = 0; i < images; i++) {
      byte[] row = drawn.row(i % drawn.size());
      row[0] = (byte) (i / drawn.size()); // no two rows alike
      rows.add(row);
    }
    TrainingConfig config =
        new TrainingConfig(
            new Sequential(new Flatten(), new Linear(784, 10)),
            new CrossEntropyLoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            2048,
            1,
            2,
            1);
    try (JavaSparkContext spark = new JavaSparkContext(NetworkRun.settings(2))) {
      long start = System.nanoTime();
      new TrainingJob(spark, config, JobOptions.of(2), List.of())
          .run(DatasetRows.sent(spark, new EncodedRows(drawn.format(), rows)), Optional.empty());
      return images / ((System.nanoTime() - start) * 1e-9);
    }
  }

  private SyntheticDigits drawn() {
    return SyntheticDigits.train(PIXELS).range(0, Math.min(images, DRAWN));
  }

  /** Predictions for a DataFrame in memory, on one thread of Spark. */
  double transform() {
    SyntheticDigits digits = drawn();
    TrainingConfig config = NetworkRun.mlp(images, 64, 1).training(1);
    float[] values = FlatParameters.initialize(config.model(), 1);
    try (JavaSparkContext context = new JavaSparkContext(NetworkRun.settings(1))) {
      SparkSession spark = SparkSession.builder().sparkContext(context.sc()).create();
      Dataset<Row> data = digits(spark).cache();
      data.count();
      DataFrameRows rows = DataFrameRows.ofImages(digits.format());
      StoredModel model = new StoredModel(config.model(), values, List.of());
      Dataset<Row> said =
          Predictions.add(data, ShippedNetwork.to(spark, model, rows), rows.count(spark));
      return rate(() -> said.write().format("noop").mode("overwrite").save());
    }
  }

  /** Made where they are used: rows that the driver sends are part of every task. */
  private Dataset<Row> digits(SparkSession spark) {
    StructType schema = new StructType().add("features", DataTypes.BinaryType);
    int different = Math.min(images, DRAWN);
    MapPartitionsFunction<Long, Row> draw =
        numbers -> {
          SyntheticDigits digits = SyntheticDigits.train(PIXELS).range(0, different);
          int features = digits.format().features();
          List<Row> rows =
              IntStream.range(0, different)
                  .mapToObj(i -> RowFactory.create(Arrays.copyOf(digits.row(i), features)))
                  .toList();
          return StreamSupport.stream(Spliterators.spliteratorUnknownSize(numbers, 0), false)
              .map(i -> rows.get((int) (i % different)))
              .iterator();
        };
    return spark.range(0, images, 1, 1).mapPartitions(draw, Encoders.row(schema));
  }

  /** Forward and loss of the same images in this thread, as LocalTrainer evaluates. */
  double forward() {
    SyntheticDigits digits = drawn();
    List<byte[]> rows =
        IntStream.range(0, images).mapToObj(i -> digits.row(i % digits.size())).toList();
    EncodedRows all = new EncodedRows(digits.format(), rows);
    TrainingConfig config = NetworkRun.mlp(images, 64, 1).training(1);
    LocalTrainer trainer =
        new LocalTrainer(config, new RowOrder(1).slices(digits, 1), new RowOrder(1).slices(all, 1));
    return rate(trainer::evaluate);
  }

  private double rate(Runnable pass) {
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < passes; i++) {
      long start = System.nanoTime();
      pass.run();
      rates.add(images / ((System.nanoTime() - start) * 1e-9));
    }
    return NetworkRun.ofLaterEpochs(rates);
  }

  /** Training with all slices on disk. */
  static double fromDisk(NetworkRun run) {
    return run.onSpark(1, 1, NetworkRun.settings(1).set(SliceMemory.KEY, "0b")).rate();
  }
}
