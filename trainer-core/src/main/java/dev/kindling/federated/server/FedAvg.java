package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * Federated averaging (McMahan et al., 2017): {@code w = w + lr * d}; with a rate of 1 the mean of
 * the clients' parameters.
 *
 * @param lr the server's rate, 1 by default
 */
public record FedAvg(double lr) implements FederatedAlgorithm {

  /** Checks the rate. */
  public FedAvg {
    FederatedAlgorithm.positive("FedAvg", "lr", lr);
  }

  /** The plain mean. */
  public FedAvg() {
    this(1);
  }

  static FedAvg of(Spec spec) {
    spec.allow("lr");
    return new FedAvg(spec.number("lr", 1));
  }

  @Override
  public void apply(float[] values, float[] delta, float[][] state, int length) {
    FederatedAlgorithm.add(values, delta, lr, length);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedAvg", "lr", lr);
  }
}
