package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.format.Cifar10Dataset;
import dev.kindling.nn.Conv2d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MaxPool2d;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Window;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;

/** Three convolutions on CIFAR-10, with plain gradient descent. */
public final class CifarCnn {
  private CifarCnn() {}

  static Sequential model() {
    return new Sequential(
        new Conv2d(3, 32, Window.of(5).padding(2)),
        new MaxPool2d(2),
        new Conv2d(32, 32, Window.of(5).padding(2)),
        new MaxPool2d(2),
        new Conv2d(32, 64, Window.of(5).padding(2)),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(64 * 4 * 4, 64),
        new Linear(64, 10));
  }

  static MetricSums train(Dataset train, Dataset test, int epochs) {
    return Run.fit(trainer(train, test, epochs), epochs);
  }

  static LocalTrainer trainer(Dataset train, Dataset test, int epochs) {
    TrainingConfig config =
        new TrainingConfig(
            model(),
            new CrossEntropyLoss(),
            new SGD(0.01),
            new Schedule.Constant(),
            64,
            epochs,
            1,
            1);
    return Run.of(config, train, test);
  }

  /** Trains for five epochs; the argument is the folder with CIFAR-10's binary files. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    train(
        Cifar10Dataset.train(folder, Cifar10Dataset.USUAL),
        Cifar10Dataset.test(folder, Cifar10Dataset.USUAL),
        5);
  }
}
