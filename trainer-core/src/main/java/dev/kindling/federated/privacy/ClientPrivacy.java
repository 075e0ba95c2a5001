package dev.kindling.federated.privacy;

import dev.kindling.kernel.Philox;
import java.io.Serializable;

/**
 * Client-level differential privacy of a round (McMahan et al., 2018):
 *
 * <pre>
 * update of a client     d = d * min(1, S / |d|)
 * what the server takes  (sum of d + N(0, (sigma S)^2)) / (q K)
 * </pre>
 *
 * <p>All clients weigh the same, and the denominator is the expected number of participants, so
 * that neither gives away who took part. Noise is drawn from a counter keyed by the seed and the
 * round. The seed must stay secret: who knows it can take the noise away. Immutable.
 *
 * @param clip S: the largest Euclidean norm of a client's update
 * @param noiseMultiplier sigma
 * @param delta for which epsilon is told
 */
public record ClientPrivacy(double clip, double noiseMultiplier, double delta)
    implements Serializable {
  private static final int STREAM = 11 << 24;

  /** Checks the ranges. */
  public ClientPrivacy {
    positive("clip", clip);
    positive("noise_multiplier", noiseMultiplier);
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException("privacy: delta is " + delta + "; it must be in (0, 1)");
    }
  }

  private static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "privacy: %s is %s; it must be a finite number above 0".formatted(name, value));
    }
  }

  /**
   * Scales the first {@code length} elements of an update to a norm of at most S.
   *
   * @throws ArithmeticException where the update is not finite and no scale bounds it
   */
  public void clip(float[] update, int length) {
    double squares = 0;
    for (int i = 0; i < length; i++) {
      squares += (double) update[i] * update[i];
    }
    double norm = Math.sqrt(squares);
    if (!(norm < Double.POSITIVE_INFINITY)) {
      throw new ArithmeticException(
          "privacy: an update with the norm %s cannot be clipped".formatted(norm));
    }
    if (norm > clip) {
      double scale = clip / norm;
      for (int i = 0; i < length; i++) {
        update[i] = (float) (update[i] * scale);
      }
    }
  }

  /** Adds the noise of a round to the first {@code length} elements of the sum of updates. */
  public void addNoise(float[] sum, int length, long seed, int round) {
    float[] noise = new float[length];
    new Philox(seed, STREAM, round)
        .fillNormal(noise, 0, length, 0, (float) (clip * noiseMultiplier));
    for (int i = 0; i < length; i++) {
      sum[i] += noise[i];
    }
  }
}
