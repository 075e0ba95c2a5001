package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.kernel.Philox;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Loss;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.PenalizedLoss;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.TrainingConfig;
import java.util.Arrays;

/**
 * Polynomials fitted to ten points of a noisy sine: too stiff, right, too supple. They are written
 * as sums of Legendre's polynomials, since powers of x are nearly alike and descent would crawl.
 */
public final class Polynomials {
  private static final int POINTS = 10;
  private static final int TEST_POINTS = 100;
  private static final float NOISE = 0.3f;
  private static final int STEPS = 20_000;

  /**
   * How well a polynomial fits.
   *
   * @param train mean squared error on the points it was fitted to
   * @param test the same on points between them
   * @param coefficients of Legendre's polynomials 1 to the degree
   */
  record Fit(double train, double test, float[] coefficients) {}

  private Polynomials() {}

  static Fit fit(int degree, double l1, double l2) {
    Loss loss = new PenalizedLoss(new MSELoss(), l1, l2);
    TrainingConfig config =
        new TrainingConfig(
            new Linear(Math.max(1, degree), 1),
            loss,
            new SGD(0.1, 0.9),
            new Schedule.Constant(),
            POINTS,
            STEPS,
            1,
            1);
    LocalTrainer trainer =
        Run.of(config, points(degree, POINTS, 1), points(degree, TEST_POINTS, 2));
    trainer.fit();
    return new Fit(
        trainer.trainMetrics().loss(),
        trainer.evaluate().loss(),
        Arrays.copyOf(trainer.values(), degree));
  }

  /** Points of sin(pi x) on [-1, 1] with noise; Legendre's polynomials of x as features. */
  private static Dataset points(int degree, int count, long seed) {
    float[][] features = new float[count][Math.max(1, degree)];
    float[] values = new float[count];
    new Philox(seed, 0, 0).fillNormal(values, 0, count, 0, NOISE);
    for (int i = 0; i < count; i++) {
      double x = -1 + 2.0 * i / (count - 1);
      values[i] += (float) Math.sin(Math.PI * x);
      double before = 1;
      double legendre = x;
      for (int k = 1; k <= degree; k++) {
        features[i][k - 1] = (float) legendre;
        double next = ((2 * k + 1) * x * legendre - k * before) / (k + 1);
        before = legendre;
        legendre = next;
      }
    }
    return Rows.of(features, values);
  }

  /** Prints the errors of degrees 0, 1, 3 and 9, then of 9 with penalties. */
  public static void main(String[] args) {
    for (int degree : new int[] {0, 1, 3, 9}) {
      print("degree " + degree, fit(degree, 0, 0));
    }
    print("degree 9, L1 0.02", fit(9, 0.02, 0));
    print("degree 9, L2 0.02", fit(9, 0, 0.02));
  }

  private static void print(String what, Fit fit) {
    System.out.printf(
        "%s: training error %.4f, test error %.4f, %s%n",
        what, fit.train, fit.test, Arrays.toString(fit.coefficients));
  }
}
