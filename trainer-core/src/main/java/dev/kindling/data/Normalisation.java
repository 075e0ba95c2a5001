package dev.kindling.data;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;

/**
 * Turns stored features into what a model reads, one mean and deviation a channel:
 *
 * <pre>
 * y = (x * scale - mean) / deviation
 * </pre>
 *
 * Immutable.
 *
 * @param scale 1/255 for pixels, 1 for numbers that are taken as they are
 * @param mean one for all features, or one for each index of the first axis
 * @param deviation as many as means, none of them zero
 */
public record Normalisation(float scale, List<Float> mean, List<Float> deviation)
    implements Serializable {
  private static final float PIXEL = 1 / 255f;

  /** Checks that means and deviations belong together. */
  public Normalisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.isEmpty() || mean.size() != deviation.size()) {
      throw new IllegalArgumentException(
          "normalisation: %d means and %d deviations; give one of each, or one of each a channel"
              .formatted(mean.size(), deviation.size()));
    }
    for (float d : deviation) {
      if (!(Math.abs(d) > 0)) {
        throw new IllegalArgumentException(
            "normalisation: the deviations are " + deviation + "; none may be 0 or NaN");
      }
    }
  }

  /** Leaves the features as they are: indices of characters, columns already standardised. */
  public static Normalisation none() {
    return new Normalisation(1, List.of(0f), List.of(1f));
  }

  /** Pixels from 0 to 255 brought to 0..1, then one mean and deviation for all. */
  public static Normalisation pixels(double mean, double deviation) {
    return new Normalisation(PIXEL, List.of((float) mean), List.of((float) deviation));
  }

  /** Pixels from 0 to 255 brought to 0..1, then a mean and deviation a channel. */
  public static Normalisation pixels(List<Float> mean, List<Float> deviation) {
    return new Normalisation(PIXEL, mean, deviation);
  }

  /** Pixels from 0 to 255 brought to 0..1. */
  public static Normalisation pixels() {
    return new Normalisation(PIXEL, Collections.singletonList(0f), Collections.singletonList(1f));
  }

  /** Number of channels that are treated apart. */
  public int channels() {
    return mean.size();
  }

  /** The formula. */
  public float apply(float x, int channel) {
    return (x * scale - mean.get(channel)) / deviation.get(channel);
  }
}
