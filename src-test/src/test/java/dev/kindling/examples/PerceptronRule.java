package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.Perceptron;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;

/**
 * Rosenblatt's perceptron: it learns AND, whose classes a line separates, and never XOR. The
 * gradient of the squared error is twice the error, so a rate of 1/2 is the rule {@code w +=
 * (target - y) * x}.
 */
public final class PerceptronRule {
  static final float[][] CORNERS = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  static final float[] AND = {0, 0, 0, 1};
  static final float[] XOR = {0, 1, 1, 0};

  private PerceptronRule() {}

  /** Rows that are still wrong after so many passes; stops when there are none. */
  static int mistakes(float[][] points, float[] classes, int passes) {
    Dataset rows = Rows.of(points, classes);
    TrainingConfig config =
        new TrainingConfig(
            new Perceptron(points[0].length, 1),
            new MSELoss(),
            new SGD(0.5),
            new Schedule.Constant(),
            1,
            passes,
            1,
            1);
    LocalTrainer trainer = Run.of(config, rows, rows);
    int wrong = points.length;
    for (int pass = 0; pass < passes && wrong > 0; pass++) {
      trainer.epoch();
      wrong = (int) Math.rint(trainer.evaluate().lossSum());
    }
    return wrong;
  }

  /** Prints how many of four corners stay wrong. */
  public static void main(String[] args) {
    System.out.println("AND: wrong after 100 passes: " + mistakes(CORNERS, AND, 100));
    System.out.println("XOR: wrong after 100 passes: " + mistakes(CORNERS, XOR, 100));
  }
}
