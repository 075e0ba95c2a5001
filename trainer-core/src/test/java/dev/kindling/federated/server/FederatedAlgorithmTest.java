package dev.kindling.federated.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.spec.Spec;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederatedAlgorithmTest {
  private static final double[] DELTAS = {0.3, -0.1, 0.02, 0.4};

  @ParameterizedTest
  @ValueSource(
      strings = {"FedAvg", "FedAvgM", "FedProx", "FedAdagrad", "FedAdam", "FedYogi", "SCAFFOLD"})
  void isReadBackFromItsWrittenForm(String type) {
    FederatedAlgorithm algorithm = FederatedAlgorithm.of(Spec.of(type));
    assertThat(FederatedAlgorithm.of(algorithm.toSpec())).isEqualTo(algorithm);
    assertThat(algorithm.toSpec().type()).isEqualTo(type);
  }

  @Test
  void refusesUnknownTypesAndBadNumbers() {
    assertThatThrownBy(() -> FederatedAlgorithm.of(Spec.of("FedAdm")))
        .hasMessageContaining("did you mean 'FedAdam'?");
    assertThatThrownBy(() -> FederatedAlgorithm.of(Spec.of("FedAvg", "lr", 0)))
        .hasMessageContaining("above 0");
    assertThatThrownBy(() -> FederatedAlgorithm.of(Spec.of("FedYogi", "beta2", 1)))
        .hasMessageContaining("[0, 1)");
  }

  private static double run(FederatedAlgorithm algorithm) {
    float[][] state = new float[algorithm.stateNames().size()][1];
    algorithm.start(state);
    float[] values = {1};
    for (double delta : DELTAS) {
      algorithm.apply(values, new float[] {(float) delta}, state, 1);
    }
    return values[0];
  }

  @Test
  void fedAvgAddsTheMean() {
    assertThat(run(new FedAvg(0.5))).isCloseTo(1 + 0.5 * 0.62, within(1e-6));
  }

  @Test
  void fedAvgWithMomentum() {
    double v = 0;
    double w = 1;
    for (double delta : DELTAS) {
      v = 0.9 * v + delta;
      w += 0.5 * v;
    }
    assertThat(run(new FedAvgM(0.5, 0.9))).isCloseTo(w, within(1e-6));
  }

  static final List<FederatedAlgorithm> ADAPTIVE =
      List.of(
          new FedAdagrad(0.1, 0.2, 0.01),
          new FedAdam(0.1, 0.9, 0.99, 0.01),
          new FedYogi(0.1, 0.9, 0.99, 0.01));

  /** Algorithm 2 of the paper in doubles. */
  @ParameterizedTest
  @FieldSource("ADAPTIVE")
  void adaptiveRulesAreThoseOfThePaper(FederatedAlgorithm algorithm) {
    AdaptiveAlgorithm rule = (AdaptiveAlgorithm) algorithm;
    DoubleBinaryOperator second =
        switch (rule.toSpec().type()) {
          case "FedAdagrad" -> (v, square) -> v + square;
          case "FedAdam" -> (v, square) -> 0.99 * v + 0.01 * square;
          default -> (v, square) -> v - 0.01 * square * Math.signum(v - square);
        };
    double m = 0;
    double v = rule.tau() * rule.tau();
    double w = 1;
    for (double delta : DELTAS) {
      m = rule.beta1() * m + (1 - rule.beta1()) * delta;
      v = second.applyAsDouble(v, delta * delta);
      w += rule.lr() * m / (Math.sqrt(v) + rule.tau());
    }
    assertThat(run(rule)).isCloseTo(w, within(1e-5));
  }
}
