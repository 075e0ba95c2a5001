package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * FedYogi (Reddi et al., 2021): {@code v = v - (1 - beta2) * d^2 * sign(v - d^2)}; see {@link
 * AdaptiveAlgorithm}.
 *
 * @param lr the server's rate, 0.01 by default
 * @param beta1 memory of the first moment, 0.9 by default
 * @param beta2 memory of the second moment, 0.99 by default
 * @param tau degree of adaptivity, 0.001 by default
 */
public record FedYogi(double lr, double beta1, double beta2, double tau)
    implements AdaptiveAlgorithm {

  /** Checks the ranges. */
  public FedYogi {
    FederatedAlgorithm.positive("FedYogi", "lr", lr);
    FederatedAlgorithm.fraction("FedYogi", "beta1", beta1);
    FederatedAlgorithm.fraction("FedYogi", "beta2", beta2);
    FederatedAlgorithm.positive("FedYogi", "tau", tau);
  }

  static FedYogi of(Spec spec) {
    spec.allow("lr", "beta1", "beta2", "tau");
    return new FedYogi(
        spec.number("lr", 0.01),
        spec.number("beta1", 0.9),
        spec.number("beta2", 0.99),
        spec.number("tau", 1e-3));
  }

  @Override
  public void square(float[] v, float[] delta, int length) {
    float take = (float) (1 - beta2);
    for (int i = 0; i < length; i++) {
      float square = delta[i] * delta[i];
      v[i] -= take * square * Math.signum(v[i] - square);
    }
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedYogi", "lr", lr, "beta1", beta1, "beta2", beta2, "tau", tau);
  }
}
