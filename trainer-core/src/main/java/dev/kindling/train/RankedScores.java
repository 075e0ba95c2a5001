package dev.kindling.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Scores of rows of two classes, and the area under their ROC curve. Not thread-safe. */
final class RankedScores implements Serializable {
  private static final long serialVersionUID = 1L;

  private float[] scores = new float[64];

  /** Weight of each row, negative for those of class 0; a weight of 0 is not kept. */
  private double[] signed = new double[64];

  private int size;

  void add(float score, boolean isPositive, double weight) {
    if (weight == 0) {
      return;
    }
    if (size == scores.length) {
      scores = Arrays.copyOf(scores, 2 * size);
      signed = Arrays.copyOf(signed, 2 * size);
    }
    scores[size] = score;
    signed[size++] = isPositive ? weight : -weight;
  }

  /** The rows of both. */
  RankedScores plus(RankedScores other) {
    RankedScores both = new RankedScores();
    both.addAll(this);
    both.addAll(other);
    return both;
  }

  private void addAll(RankedScores other) {
    for (int i = 0; i < other.size; i++) {
      add(other.scores[i], other.signed[i] > 0, Math.abs(other.signed[i]));
    }
  }

  /**
   * sum over pairs (i of class 1, j of class 0) of w_i w_j ([s_i > s_j] + [s_i = s_j] / 2), divided
   * by the sum of w_i w_j; in one pass over the sorted scores. NaN where a class has no row.
   */
  double area() {
    int[] order =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i] + 0f))
            .mapToInt(i -> i)
            .toArray();
    double below = 0;
    double positives = 0;
    double won = 0;
    for (int i = 0; i < size; ) {
      double equalPositive = 0;
      double equalNegative = 0;
      float score = scores[order[i]];
      for (; i < size && Float.compare(scores[order[i]] + 0f, score + 0f) == 0; i++) {
        double weight = signed[order[i]];
        equalPositive += Math.max(0, weight);
        equalNegative += Math.max(0, -weight);
      }
      won += equalPositive * (below + equalNegative / 2);
      below += equalNegative;
      positives += equalPositive;
    }
    return won / (positives * below);
  }
}
