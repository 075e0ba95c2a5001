package dev.kindling.train;

import java.util.Arrays;

/**
 * How often values of each size occur: two bins an octave from 2^-24 to 2^8 for either sign, and
 * one for what is nearer to zero; larger ones go to the last bins, NaN to none. Counts and sums of
 * parts add up elementwise. Not thread-safe.
 */
public final class ValueHistogram {
  private static final int LEAST_EXPONENT = -24;
  private static final int HALF = 64;
  private static final int BINS = 2 * HALF + 1;

  /** Numbers that travel for it: the bins' counts, sum and sum of squares. */
  public static final int LENGTH = BINS + 2;

  /** Exponent and first bit behind the point of the smallest magnitude that is told from zero. */
  private static final int LEAST = (127 + LEAST_EXPONENT) << 1;

  private final double[] numbers;

  /** Of nothing. */
  public ValueHistogram() {
    this(new double[LENGTH]);
  }

  /** From added numbers of parts. */
  public ValueHistogram(double[] numbers) {
    this.numbers = numbers.clone();
  }

  /** Counts {@code scale} times each of {@code length} values. */
  public void add(float[] values, int from, int length, double scale) {
    for (int i = from; i < from + length; i++) {
      add((float) (values[i] * scale));
    }
  }

  private void add(float value) {
    if (Float.isNaN(value)) {
      return;
    }
    numbers[bin(value)]++;
    numbers[BINS] += value;
    numbers[BINS + 1] += (double) value * value;
  }

  private static int bin(float value) {
    int magnitude = (Float.floatToIntBits(value) & 0x7fffffff) >>> 22;
    int place = Math.min(magnitude - LEAST, HALF - 1);
    if (place < 0) {
      return HALF;
    }
    return value < 0 ? HALF - 1 - place : HALF + 1 + place;
  }

  /** Number of values in each bin, in the order of {@link #limits}. */
  public double[] counts() {
    return Arrays.copyOf(numbers, BINS);
  }

  /** The upper end of each bin, ascending. */
  public static double[] limits() {
    double[] limits = new double[BINS];
    for (int place = 0; place < HALF; place++) {
      limits[HALF - 1 - place] = -lower(place);
      limits[HALF + 1 + place] = lower(place + 1);
    }
    limits[HALF] = lower(0);
    return limits;
  }

  /** Where a bin of positive values begins. */
  private static double lower(int place) {
    return Math.scalb(1 + 0.5 * (place % 2), LEAST_EXPONENT + place / 2);
  }

  /** Number of values. */
  public double count() {
    return Arrays.stream(numbers, 0, BINS).sum();
  }

  /** Their sum. */
  public double sum() {
    return numbers[BINS];
  }

  /** The sum of their squares. */
  public double sumOfSquares() {
    return numbers[BINS + 1];
  }

  /** What travels; a copy. */
  public double[] numbers() {
    return numbers.clone();
  }
}
