package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;

/** Two hidden layers on MNIST. */
public final class MnistMlp {
  private MnistMlp() {}

  static Sequential model() {
    return new Sequential(
        new Flatten(),
        new Linear(784, 128),
        new ReLU(),
        new Linear(128, 64),
        new ReLU(),
        new Linear(64, 10));
  }

  static MetricSums train(Dataset train, Dataset test, int epochs) {
    TrainingConfig config =
        new TrainingConfig(
            model(),
            new CrossEntropyLoss(),
            new Adam(0.001),
            new Schedule.Constant(),
            64,
            epochs,
            1,
            1);
    return Run.fit(Run.of(config, train, test), epochs);
  }

  /** Trains for two epochs; the argument is the folder with the four idx files. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    train(MnistCnn.trainImages(folder), MnistCnn.testImages(folder), 2);
  }
}
