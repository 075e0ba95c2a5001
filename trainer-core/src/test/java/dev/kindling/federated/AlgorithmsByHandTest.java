package dev.kindling.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.Slice;
import dev.kindling.federated.server.FedAvg;
import dev.kindling.federated.server.FedProx;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.federated.server.Scaffold;
import dev.kindling.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A line through the points of two clients, beside the papers' formulas in plain doubles. */
class AlgorithmsByHandTest {
  private static final double[][] X = {{1, 2, -1}, {0.5, -2}};
  private static final double[][] Y = {{2, 1, 0}, {-1, 3}};
  private static final double RATE = 0.05;
  private static final int EPOCHS = 3;

  private final LocalFederation[] run = new LocalFederation[1];
  private double w;
  private double b;
  private final double[][] controls = new double[2][2];
  private final double[] control = new double[2];

  private void begin(FederatedAlgorithm algorithm) {
    List<Slice> clients = List.of(Toy.points(X[0], Y[0]), Toy.points(X[1], Y[1]));
    run[0] = new LocalFederation(Toy.line(algorithm, new SGD(RATE), EPOCHS), clients, List.of());
    w = run[0].server().values()[0];
    b = run[0].server().values()[1];
  }

  private static double[] gradient(int client, double w, double b) {
    double[] sum = new double[2];
    for (int i = 0; i < X[client].length; i++) {
      double error = w * X[client][i] + b - Y[client][i];
      sum[0] += 2 * error * X[client][i] / X[client].length;
      sum[1] += 2 * error / X[client].length;
    }
    return sum;
  }

  /** One round of the papers: local steps, then the mean by rows. */
  private void roundByHand(double mu, boolean isScaffold) {
    double[] mean = new double[2];
    double[][] next = new double[2][];
    for (int k = 0; k < 2; k++) {
      double[] p = {w, b};
      for (int e = 0; e < EPOCHS; e++) {
        double[] g = gradient(k, p[0], p[1]);
        double[] began = {w, b};
        for (int i = 0; i < 2; i++) {
          p[i] -= RATE * (g[i] + mu * (p[i] - began[i]) + control[i] - controls[k][i]);
        }
      }
      mean[0] += (p[0] - w) * X[k].length / 5;
      mean[1] += (p[1] - b) * X[k].length / 5;
      next[k] =
          new double[] {
            controls[k][0] - control[0] + (w - p[0]) / (EPOCHS * RATE),
            controls[k][1] - control[1] + (b - p[1]) / (EPOCHS * RATE)
          };
    }
    w += mean[0];
    b += mean[1];
    for (int k = 0; isScaffold && k < 2; k++) {
      for (int i = 0; i < 2; i++) {
        control[i] += (next[k][i] - controls[k][i]) / 2;
        controls[k][i] = next[k][i];
      }
    }
  }

  private void assertThreeRounds(double mu, boolean isScaffold) {
    for (int round = 0; round < 3; round++) {
      run[0].round();
      roundByHand(mu, isScaffold);
      assertThat((double) run[0].server().values()[0]).as("w").isCloseTo(w, within(1e-5));
      assertThat((double) run[0].server().values()[1]).as("b").isCloseTo(b, within(1e-5));
    }
  }

  @Test
  void fedAvg() {
    begin(new FedAvg());
    assertThreeRounds(0, false);
  }

  @Test
  void fedProx() {
    begin(new FedProx(1, 0.7));
    assertThreeRounds(0.7, false);
  }

  @Test
  void scaffold() {
    begin(new Scaffold(1));
    assertThreeRounds(0, true);
  }

  /** What SCAFFOLD is for: unequal clients no longer pull the mean off the common optimum. */
  @Test
  void scaffoldReachesTheCommonOptimumWhereFedAvgStopsBesideIt() {
    double scaffold = gradientAfter(new Scaffold(1), 600);
    double fedAvg = gradientAfter(new FedAvg(), 600);
    assertThat(scaffold).isLessThan(1e-3);
    assertThat(fedAvg).isGreaterThan(10 * scaffold);
  }

  /** The largest element of the whole data's gradient, clients weighing as SCAFFOLD's c does. */
  private double gradientAfter(FederatedAlgorithm algorithm, int rounds) {
    double[][] x = {{1, 2}, {0.5, -2}};
    double[][] y = {{2, 1}, {-1, 3}};
    List<Slice> clients = List.of(Toy.points(x[0], y[0]), Toy.points(x[1], y[1]));
    LocalFederation federation =
        new LocalFederation(Toy.line(algorithm, new SGD(RATE), 10), clients, List.of());
    for (int i = 0; i < rounds; i++) {
      federation.round();
    }
    float[] values = federation.server().values();
    double[] sum = new double[2];
    for (int k = 0; k < 2; k++) {
      for (int i = 0; i < 2; i++) {
        double error = values[0] * x[k][i] + values[1] - y[k][i];
        sum[0] += error * x[k][i] / 2;
        sum[1] += error / 2;
      }
    }
    return Math.max(Math.abs(sum[0]), Math.abs(sum[1]));
  }
}
