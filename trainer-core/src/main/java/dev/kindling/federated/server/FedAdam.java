package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * FedAdam (Reddi et al., 2021): {@code v = beta2 * v + (1 - beta2) * d^2}; see {@link
 * AdaptiveAlgorithm}.
 *
 * @param lr the server's rate, 0.01 by default
 * @param beta1 memory of the first moment, 0.9 by default
 * @param beta2 memory of the second moment, 0.99 by default
 * @param tau degree of adaptivity, 0.001 by default
 */
public record FedAdam(double lr, double beta1, double beta2, double tau)
    implements AdaptiveAlgorithm {

  /** Checks the ranges. */
  public FedAdam {
    FederatedAlgorithm.positive("FedAdam", "lr", lr);
    FederatedAlgorithm.fraction("FedAdam", "beta1", beta1);
    FederatedAlgorithm.fraction("FedAdam", "beta2", beta2);
    FederatedAlgorithm.positive("FedAdam", "tau", tau);
  }

  static FedAdam of(Spec spec) {
    spec.allow("lr", "beta1", "beta2", "tau");
    return new FedAdam(
        spec.number("lr", 0.01),
        spec.number("beta1", 0.9),
        spec.number("beta2", 0.99),
        spec.number("tau", 1e-3));
  }

  @Override
  public void square(float[] v, float[] delta, int length) {
    float keep = (float) beta2;
    float take = (float) (1 - beta2);
    for (int i = 0; i < length; i++) {
      v[i] = keep * v[i] + take * (delta[i] * delta[i]);
    }
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedAdam", "lr", lr, "beta1", beta1, "beta2", beta2, "tau", tau);
  }
}
