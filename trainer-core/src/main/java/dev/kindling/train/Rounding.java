package dev.kindling.train;

import dev.kindling.kernel.FloatFormat;
import java.io.Serializable;

/**
 * What of the flat vector is rounded wherever it could travel: the parameters, at every node of the
 * replica tree and in every version that workers read. Running statistics and the epoch's metrics,
 * which follow the parameters, stay float32. Since this happens whether they travel or not, the
 * result depends neither on placement nor on the number of workers. Immutable.
 *
 * @param format what numbers are rounded to
 * @param parameters elements of the vector, from its start, that are rounded
 */
public record Rounding(FloatFormat format, long parameters) implements Serializable {
  /** Nothing is rounded. */
  public static final Rounding NONE = new Rounding(FloatFormat.FLOAT32, 0);

  /** Whether nothing changes. */
  public boolean isNone() {
    return format == FloatFormat.FLOAT32;
  }

  /** How many elements, from the start of a range of the vector, are rounded. */
  public int within(long from, int length) {
    return isNone() ? 0 : (int) Math.max(0, Math.min(length, parameters - from));
  }

  /** Rounds what is to be rounded of a range of a whole vector, in place. */
  public void round(float[] vector, int from, int length) {
    format.round(vector, from, within(from, length));
  }
}
