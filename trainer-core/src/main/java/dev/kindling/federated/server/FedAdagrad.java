package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * FedAdagrad (Reddi et al., 2021): {@code v = v + d^2}; see {@link AdaptiveAlgorithm}.
 *
 * @param lr the server's rate, 0.01 by default
 * @param beta1 memory of the first moment, 0 by default
 * @param tau degree of adaptivity, 0.001 by default
 */
public record FedAdagrad(double lr, double beta1, double tau) implements AdaptiveAlgorithm {

  /** Checks the ranges. */
  public FedAdagrad {
    FederatedAlgorithm.positive("FedAdagrad", "lr", lr);
    FederatedAlgorithm.fraction("FedAdagrad", "beta1", beta1);

    FederatedAlgorithm.positive("FedAdagrad", "tau", tau);
  }

  static FedAdagrad of(Spec spec) {
    spec.allow("lr", "beta1", "tau");
    return new FedAdagrad(
        spec.number("lr", 0.01), spec.number("beta1", 0), spec.number("tau", 1e-3));
  }

  @Override
  public void square(float[] v, float[] delta, int length) {
    for (int i = 0; i < length; i++) {
      v[i] += delta[i] * delta[i];
    }
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedAdagrad", "lr", lr, "beta1", beta1, "tau", tau);
  }
}
