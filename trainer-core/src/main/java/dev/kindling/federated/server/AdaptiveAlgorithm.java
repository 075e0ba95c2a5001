package dev.kindling.federated.server;

import java.util.Arrays;
import java.util.List;

/**
 * The adaptive rules of Reddi et al. (2021), algorithm 2, which differ in the second moment v:
 *
 * <pre>
 * m = beta1 * m + (1 - beta1) * d
 * w = w + lr * m / (sqrt(v) + tau)
 * </pre>
 *
 * <p>m starts at zero, v at {@code tau^2}; neither is corrected for its start, as in the paper.
 */
public sealed interface AdaptiveAlgorithm extends FederatedAlgorithm
    permits FedAdagrad, FedAdam, FedYogi {

  /** The server's rate. */
  double lr();

  /** The memory of the first moment. */
  double beta1();

  /** The degree of adaptivity: the smaller, the more. */
  double tau();

  /** Takes the squares of the update into v. */
  void square(float[] v, float[] delta, int length);

  @Override
  default List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  default void start(float[][] state) {
    Arrays.fill(state[1], (float) (tau() * tau()));
  }

  @Override
  default void apply(float[] values, float[] delta, float[][] state, int length) {
    float[] m = state[0];
    float keep = (float) beta1();
    float take = (float) (1 - beta1());
    for (int i = 0; i < length; i++) {
      m[i] = keep * m[i] + take * delta[i];
    }
    square(state[1], delta, length);
    move(values, m, state[1], length);
  }

  private void move(float[] values, float[] m, float[] v, int length) {
    float rate = (float) lr();
    float floor = (float) tau();
    for (int i = 0; i < length; i++) {
      values[i] += rate * m[i] / ((float) Math.sqrt(v[i]) + floor);
    }
  }
}
