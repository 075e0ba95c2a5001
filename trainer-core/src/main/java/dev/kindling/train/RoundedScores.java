package dev.kindling.train;

/**
 * Scores of rows of two classes in a fixed number of sums, and the area under their ROC curve.
 *
 * <p>A score counts in one of 1024 bins: its sign and the first 5 bits behind its leading one, for
 * magnitudes from 2^-12 to 2^4; smaller and larger ones go to the last bins. So scores that differ
 * by a 32nd of their size are told apart, and those of one bin count as equal.
 */
final class RoundedScores {
  private static final int BITS = 5;
  private static final int LEAST_EXPONENT = -12;
  private static final int HALF = 512;
  private static final int BINS = 2 * HALF;

  /** Sums that it takes: a bin's weights of class 0, then those of class 1. */
  static final int LENGTH = 2 * BINS;

  private static final int LEAST = (127 + LEAST_EXPONENT) << BITS;

  private RoundedScores() {}

  static void add(double[] sums, int at, float score, boolean isPositive, double weight) {
    sums[at + bin(score) + (isPositive ? BINS : 0)] += weight;
  }

  /** Ascending with the score. */
  static int bin(float score) {
    int magnitude = (Float.floatToIntBits(score) & 0x7fffffff) >>> (23 - BITS);
    int place = Math.min(Math.max(magnitude - LEAST, 0), HALF - 1);
    return score < 0 ? HALF - 1 - place : HALF + place;
  }

  /** As {@link RankedScores#area}; NaN where a class has no row. */
  static double area(double[] sums, int at) {
    double below = 0;
    double positives = 0;
    double won = 0;
    for (int i = at; i < at + BINS; i++) {
      won += sums[i + BINS] * (below + sums[i] / 2);
      below += sums[i];
      positives += sums[i + BINS];
    }
    return won / (positives * below);
  }
}
