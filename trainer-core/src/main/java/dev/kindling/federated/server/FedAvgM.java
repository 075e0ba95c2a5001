package dev.kindling.federated.server;

import dev.kindling.spec.Spec;
import java.util.List;

/**
 * Federated averaging with momentum on the server (Hsu et al., 2019): {@code v = momentum * v + d},
 * {@code w = w + lr * v}; v starts at zero.
 *
 * @param lr the server's rate, 1 by default
 * @param momentum 0.9 by default
 */
public record FedAvgM(double lr, double momentum) implements FederatedAlgorithm {

  /** Checks the ranges. */
  public FedAvgM {
    FederatedAlgorithm.positive("FedAvgM", "lr", lr);
    FederatedAlgorithm.fraction("FedAvgM", "momentum", momentum);
  }

  static FedAvgM of(Spec spec) {
    spec.allow("lr", "momentum");
    return new FedAvgM(spec.number("lr", 1), spec.number("momentum", 0.9));
  }

  @Override
  public List<String> stateNames() {
    return List.of("momentum_buffer");
  }

  @Override
  public void apply(float[] values, float[] delta, float[][] state, int length) {
    float[] velocity = state[0];
    float keep = (float) momentum;
    for (int i = 0; i < length; i++) {
      velocity[i] = keep * velocity[i] + delta[i];
    }
    FederatedAlgorithm.add(values, velocity, lr, length);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedAvgM", "lr", lr, "momentum", momentum);
  }
}
