package dev.kindling.spark.bench;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.Conv2d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MaxPool2d;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Window;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Trains a network on drawn digits, and gives the samples a second of the later epochs. */
record NetworkRun(Module network, int rows, int batch, int epochs) {
  static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);

  /** 784-128-64-10. */
  static NetworkRun mlp(int rows, int batch, int epochs) {
    return new NetworkRun(mlp(), rows, batch, epochs);
  }

  /** Two convolutions 1-32-64 by 3x3 with pools, then 3136-128-10. */
  static NetworkRun cnn(int rows, int batch, int epochs) {
    Module network =
        new Sequential(
            new Conv2d(1, 32, Window.of(3).padding(1)),
            new ReLU(),
            new MaxPool2d(2),
            new Conv2d(32, 64, Window.of(3).padding(1)),
            new ReLU(),
            new MaxPool2d(2),
            new Flatten(),
            new Linear(3136, 128),
            new ReLU(),
            new Linear(128, 10));
    return new NetworkRun(network, rows, batch, epochs);
  }

  private static Module mlp() {
    return new Sequential(
        new Flatten(),
        new Linear(784, 128),
        new ReLU(),
        new Linear(128, 64),
        new ReLU(),
        new Linear(64, 10));
  }

  /**
   * What a run gave.
   *
   * @param rate samples a second
   * @param values the trained parameters
   */
  record Result(double rate, float[] values) {}

  TrainingConfig training(int replicas) {
    return new TrainingConfig(
        network,
        new CrossEntropyLoss(),
        new Adam(0.001),
        new Schedule.Constant(),
        batch,
        epochs,
        replicas,
        1);
  }

  /** In this thread, without Spark or server. */
  double inOneProcess() {
    SyntheticDigits digits = SyntheticDigits.train(PIXELS).range(0, rows);
    LocalTrainer trainer =
        new LocalTrainer(training(1), new RowOrder(1).slices(digits, 1), List.of());
    List<Double> rates = new ArrayList<>();
    for (int epoch = 0; epoch < epochs; epoch++) {
      long start = System.nanoTime();
      trainer.epoch();
      rates.add(rows / ((System.nanoTime() - start) * 1e-9));
    }
    return ofLaterEpochs(rates);
  }

  /** On as many threads of a Spark of its own, with as many replicas. */
  double onSpark(int workers) {
    return onSpark(workers, workers, settings(workers)).rate;
  }

  Result onSpark(int workers, int replicas, SparkConf conf) {
    List<Double> rates = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epochEnded(EpochResult result) {
            rates.add(result.samplesPerSecond());
          }
        };
    int count = rows;
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      float[] values =
          new TrainingJob(spark, training(replicas), JobOptions.of(workers), List.of(listener))
              .run(
                  DatasetRows.drawn(spark, () -> SyntheticDigits.train(PIXELS).range(0, count)),
                  Optional.empty());
      return new Result(ofLaterEpochs(rates), values);
    }
  }

  static SparkConf settings(int workers) {
    return settings("local[%d]".formatted(workers));
  }

  static SparkConf settings(String master) {
    return new SparkConf()
        .setMaster(master)
        .setAppName("kindling bench")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "localhost")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  static double ofLaterEpochs(List<Double> rates) {
    return SparkBench.median(
        rates.subList(rates.size() / 2, rates.size()).stream().mapToDouble(r -> r).toArray());
  }
}
