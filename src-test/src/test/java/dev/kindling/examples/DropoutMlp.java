package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Dropout;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Initializer;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;

/** Dropout between two hidden layers; weights start normal(0, 0.01), biases at 0. */
public final class DropoutMlp {
  private DropoutMlp() {}

  static Module model() {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(784, 256),
            new ReLU(),
            new Dropout(0.2),
            new Linear(256, 256),
            new ReLU(),
            new Dropout(0.5),
            new Linear(256, 10));
    return model.apply(DropoutMlp::start);
  }

  private static void start(Module module) {
    if (module instanceof Linear) {
      module.init("weight", new Initializer.Normal(0, 0.01f));
      module.init("bias", new Initializer.Constant(0));
    }
  }

  static MetricSums train(Dataset train, Dataset test, int epochs) {
    TrainingConfig config =
        new TrainingConfig(
            model(),
            new CrossEntropyLoss(),
            new SGD(0.2),
            new Schedule.Constant(),
            64,
            epochs,
            1,
            1);
    return Run.fit(Run.of(config, train, test), epochs);
  }

  /** Trains on digits that Kindling draws itself. */
  public static void main(String[] args) {
    Normalisation pixels = Normalisation.pixels(0.1307, 0.3081);
    train(SyntheticDigits.train(pixels), SyntheticDigits.test(pixels), 5);
  }
}
