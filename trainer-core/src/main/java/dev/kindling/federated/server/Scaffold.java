package dev.kindling.federated.server;

import dev.kindling.spec.Spec;

/**
 * SCAFFOLD (Karimireddy et al., 2020): every client k keeps a control variate c_k, the server their
 * mean c over all K clients; both start at zero. With local steps of rate eta, K_s of them:
 *
 * <pre>
 * local step     y = y - eta * (gradient - c_k + c)
 * afterwards     c_k' = c_k - c + (w - y) / (K_s * eta)
 * server         w = w + lr * d,   c = c + (sum of c_k' - c_k) / K
 * </pre>
 *
 * <p>Needs plain gradient descent as local optimizer.
 *
 * @param lr the server's rate, 1 by default
 */
public record Scaffold(double lr) implements FederatedAlgorithm {

  /** Checks the rate. */
  public Scaffold {
    FederatedAlgorithm.positive("SCAFFOLD", "lr", lr);
  }

  static Scaffold of(Spec spec) {
    spec.allow("lr");
    return new Scaffold(spec.number("lr", 1));
  }

  @Override
  public boolean hasControls() {
    return true;
  }

  @Override
  public void apply(float[] values, float[] delta, float[][] state, int length) {
    FederatedAlgorithm.add(values, delta, lr, length);
  }

  @Override
  public Spec toSpec() {
    return Spec.of("SCAFFOLD", "lr", lr);
  }
}
