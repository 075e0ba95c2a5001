package dev.kindling.train.table;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Some rows of a table, or their gradients. The arrays are shared, not copied; equal by content.
 *
 * @param width elements of a row
 * @param keys ascending, each once
 * @param values the rows, one after the other
 */
public record SparseRows(int width, long[] keys, float[] values) implements Serializable {
  /** Checks the sizes and the order. */
  public SparseRows {
    if (values.length != (long) width * keys.length) {
      throw new IllegalArgumentException(
          "%d rows of %d elements with %d values".formatted(keys.length, width, values.length));
    }
    for (int i = 1; i < keys.length; i++) {
      if (keys[i - 1] >= keys[i]) {
        throw new IllegalArgumentException(
            "the keys %d and %d of rows do not ascend".formatted(keys[i - 1], keys[i]));
      }
    }
  }

  /**
   * The sum of rows that come in any order and more than once, as the gradient of a lookup does;
   * those of one key are added in the order in which they stand.
   */
  public static SparseRows gather(int width, long[] keys, float[] values) {
    int[] order =
        IntStream.range(0, keys.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> keys[i])) // stable
            .mapToInt(Integer::intValue)
            .toArray();
    long[] distinct = Arrays.stream(keys).sorted().distinct().toArray();
    float[] sums = new float[distinct.length * width];
    int row = -1;
    for (int from : order) {
      boolean first = row < 0 || distinct[row] != keys[from];
      row += first ? 1 : 0;
      for (int i = 0; i < width; i++) {
        float value = values[from * width + i];
        sums[row * width + i] = first ? value : sums[row * width + i] + value;
      }
    }
    return new SparseRows(width, distinct, sums);
  }

  /** Elementwise left + right; a row that only one of them has stays as it is. */
  public static SparseRows plus(SparseRows left, SparseRows right) {
    int width = left.width;
    long[] keys = new long[left.keys.length + right.keys.length];
    float[] values = new float[keys.length * width];
    int n = 0;
    int l = 0;
    int r = 0;
    while (l < left.keys.length || r < right.keys.length) {
      boolean fromLeft = r == right.keys.length || before(left, l, right, r);
      boolean fromRight = l == left.keys.length || before(right, r, left, l);
      keys[n] = fromLeft ? left.keys[l] : right.keys[r];
      if (fromLeft) {
        System.arraycopy(left.values, l++ * width, values, n * width, width);
      }
      if (fromRight && !fromLeft) {
        System.arraycopy(right.values, r++ * width, values, n * width, width);
      } else if (fromRight) {
        right.addTo(values, n * width, r++);
      }
      n++;
    }
    return new SparseRows(width, Arrays.copyOf(keys, n), Arrays.copyOf(values, n * width));
  }

  /** Whether the next key of one is not behind that of the other. */
  private static boolean before(SparseRows a, int at, SparseRows b, int bAt) {
    return at < a.keys.length && a.keys[at] <= b.keys[bAt];
  }

  private void addTo(float[] sums, int at, int row) {
    for (int i = 0; i < width; i++) {
      sums[at + i] += values[row * width + i];
    }
  }

  /** Whether there is neither NaN nor infinity. */
  public boolean isFinite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** A copy of the rows from one place to another. */
  public SparseRows part(int from, int to) {
    return from == 0 && to == keys.length
        ? this
        : new SparseRows(
            width,
            Arrays.copyOfRange(keys, from, to),
            Arrays.copyOfRange(values, from * width, to * width));
  }

  /** The rows of several, whose keys ascend from one to the next. */
  public static SparseRows join(int width, Collection<SparseRows> parts) {
    if (parts.size() == 1) {
      return parts.iterator().next();
    }
    long rows = parts.stream().mapToLong(part -> part.keys.length).sum();
    long[] keys = new long[Math.toIntExact(rows)];
    float[] values = new float[Math.toIntExact(rows * width)];
    int at = 0;
    for (SparseRows part : parts) {
      System.arraycopy(part.keys, 0, keys, at, part.keys.length);
      System.arraycopy(part.values, 0, values, at * width, part.values.length);
      at += part.keys.length;
    }
    return new SparseRows(width, keys, values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SparseRows that
        && width == that.width
        && Arrays.equals(keys, that.keys)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(keys) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "%d rows of %d".formatted(keys.length, width);
  }
}
