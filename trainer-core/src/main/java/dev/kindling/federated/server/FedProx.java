package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * FedProx (Li et al., 2020): clients minimise {@code loss(w) + mu / 2 * |w - w0|^2}, where w0 is
 * what the round began with; the server does as {@link FedAvg}.
 *
 * @param lr the server's rate, 1 by default
 * @param mu how strongly clients are held back, 0.01 by default
 */
public record FedProx(double lr, double mu) implements FederatedAlgorithm {

  /** Checks the ranges. */
  public FedProx {
    FederatedAlgorithm.positive("FedProx", "lr", lr);
    if (!(mu >= 0) || Double.isInfinite(mu)) {
      throw new IllegalArgumentException(
          "FedProx: mu is " + mu + "; it must be a finite number, 0 or more");
    }
  }

  static FedProx of(Spec spec) {
    spec.allow("lr", "mu");
    return new FedProx(spec.number("lr", 1), spec.number("mu", 0.01));
  }

  @Override
  public void apply(float[] values, float[] delta, float[][] state, int length) {
    FederatedAlgorithm.add(values, delta, lr, length);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("FedProx", "lr", lr, "mu", mu);
  }
}
