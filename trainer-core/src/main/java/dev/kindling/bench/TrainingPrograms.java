package dev.kindling.bench;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import java.util.List;

/** The networks whose steps are timed. */
final class TrainingPrograms {
  private static final RowFormat DIGITS =
      new RowFormat(
          List.of(1, 28, 28),
          ElementType.UINT8,
          Target.label(10),
          Normalisation.pixels(0.1307, 0.3081));

  private static final TrainingProgram MNIST_MLP =
      new TrainingProgram(
          "mnist-mlp",
          "784-128-64-10, ReLU, batch 64, Adam",
          64,
          DIGITS,
          new Adam(0.001),
          () ->
              new Sequential(
                  new Flatten(),
                  new Linear(784, 128),
                  new ReLU(),
                  new Linear(128, 64),
                  new ReLU(),
                  new Linear(64, 10)));

  static final List<TrainingProgram> ALL = List.of(MNIST_MLP);

  private TrainingPrograms() {}
}
