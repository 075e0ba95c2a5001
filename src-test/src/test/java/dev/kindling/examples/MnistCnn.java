package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.format.IdxDataset;
import dev.kindling.nn.Conv2d;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MaxPool2d;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Window;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Span;
import dev.kindling.optim.StepLR;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;

/** Two convolutions on MNIST; the rate is halved every five epochs. */
public final class MnistCnn {
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);

  private MnistCnn() {}

  static Sequential model() {
    return new Sequential(
        new Conv2d(1, 32, Window.of(3).padding(1)),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(32, 64, Window.of(3).padding(1)),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(64 * 7 * 7, 128),
        new ReLU(),
        new Linear(128, 10));
  }

  static MetricSums train(Dataset train, Dataset test, int epochs) {
    TrainingConfig config =
        new TrainingConfig(
            model(),
            new CrossEntropyLoss(),
            new Adam(0.001),
            new StepLR(Span.epochs(5), 0.5),
            64,
            epochs,
            1,
            1);
    LocalTrainer trainer = Run.of(config, train, test);
    return Run.fit(trainer, epochs);
  }

  static Dataset trainImages(Path folder) {
    return IdxDataset.train(folder, PIXELS);
  }

  static Dataset testImages(Path folder) {
    return IdxDataset.test(folder, PIXELS);
  }

  /** Trains for two epochs; the argument is the folder with the four idx files. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    train(trainImages(folder), testImages(folder), 2);
  }
}
