package dev.kindling.federated;

import java.io.Serializable;

/**
 * What a client adds to its gradients in a round of SCAFFOLD: {@code c - c_k}. Arrays are shared.
 *
 * @param server c, the mean of all control variates
 * @param client c_k, this client's own
 */
public record Correction(float[] server, float[] client) implements Serializable {

  /** Adds the correction to gradient sums of a weight. */
  void addTo(float[] sums, double weight) {
    float scale = (float) weight;
    for (int i = 0; i < server.length; i++) {
      sums[i] += scale * (server[i] - client[i]);
    }
  }

  /** {@code c_k' = c_k - c + (w - y) / (steps * lr)}. */
  float[] next(float[] began, float[] ended, int steps, double lr) {
    float scale = (float) (1 / (steps * lr));
    float[] next = new float[client.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = client[i] - server[i] + (began[i] - ended[i]) * scale;
    }
    return next;
  }
}
