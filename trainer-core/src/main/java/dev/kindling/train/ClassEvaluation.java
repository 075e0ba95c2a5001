package dev.kindling.train;

import dev.kindling.data.Slice;
import dev.kindling.data.Target;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Metrics of a classifier with n classes:
 *
 * <pre>
 * accuracy           share of the rows whose largest output is the label's, the first of equals
 * top_k_accuracy     share of the rows whose label has one of the k largest outputs, k from 2 to 5
 *                    and less than n
 * f1_c               2 tp / (2 tp + fp + fn) of class c; left out where c is neither label nor
 *                    prediction of any row
 * f1_macro           mean of these
 * auc                for two classes: the probability that a row of class 1 has a larger difference
 *                    output 1 - output 0 than one of class 0, half for equal ones; left out where a
 *                    class has no row
 * </pre>
 *
 * With two classes each row's difference is kept, 12 bytes. Where a row has several labels, each
 * counts with the row's weight, and {@link Target#NO_LABEL} not at all.
 */
public final class ClassEvaluation extends Evaluation {
  private static final long serialVersionUID = 1L;
  private static final int MOST_PLACES = 5;

  private final int classes;
  private final double[][] confusion;

  /** Weight of the rows whose label has so many larger outputs. */
  private final double[] places;

  private final RankedScores scores = new RankedScores();

  ClassEvaluation(int classes) {
    this.classes = classes;
    this.confusion = new double[classes][classes];
    this.places = new double[classes];
  }

  @Override
  void add(Slice slice, int[] order, int from, int rows, float[] outputs, float[] weights) {
    int length = slice.format().target().length();
    int[] labels = new int[rows * length];
    slice.gatherLabels(order, from, rows, labels, 0);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Target.NO_LABEL) {
        add(outputs, i * classes, labels[i], weights[from + i / length]);
      }
    }
  }

  /** Adds one label with the outputs that stand from {@code at}. */
  void add(float[] outputs, int at, int label, double weight) {
    int predicted = 0;
    int place = 0;
    for (int c = 0; c < classes; c++) {
      float output = outputs[at + c];
      predicted = output > outputs[at + predicted] ? c : predicted;
      float own = outputs[at + label];
      place += output > own || (output == own && c < label) ? 1 : 0;
    }
    confusion[label][predicted] += weight;
    places[place] += weight;
    if (classes == 2) {
      scores.add(outputs[at + 1] - outputs[at], label == 1, weight);
    }
  }

  @Override
  public ClassEvaluation plus(Evaluation other) {
    ClassEvaluation second = (ClassEvaluation) other;
    ClassEvaluation sum = new ClassEvaluation(classes);
    for (int c = 0; c < classes; c++) {
      sum.places[c] = places[c] + second.places[c];
      for (int p = 0; p < classes; p++) {
        sum.confusion[c][p] = confusion[c][p] + second.confusion[c][p];
      }
    }
    sum.scores.addAll(scores);
    sum.scores.addAll(second.scores);
    return sum;
  }

  /** Weight of the rows by label (first index) and prediction (second); a copy. */
  public double[][] confusion() {
    return Arrays.stream(confusion).map(double[]::clone).toArray(double[][]::new);
  }

  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    double all = Arrays.stream(places).sum();
    metrics.put("accuracy", places[0] / all);
    double within = places[0];
    for (int k = 2; k <= MOST_PLACES && k < classes; k++) {
      within += places[k - 1];
      metrics.put("top_" + k + "_accuracy", within / all);
    }
    addF1(metrics);
    if (scores.hasBoth()) {
      metrics.put("auc", scores.area());
    }
    return metrics;
  }

  private void addF1(Map<String, Double> metrics) {
    Map<String, Double> each = new LinkedHashMap<>();
    for (int c = 0; c < classes; c++) {
      double asLabel = 0;
      double predicted = 0;
      for (int other = 0; other < classes; other++) {
        asLabel += confusion[c][other];
        predicted += confusion[other][c];
      }
      if (asLabel + predicted > 0) {
        each.put("f1_" + c, 2 * confusion[c][c] / (asLabel + predicted));
      }
    }
    metrics.put(
        "f1_macro", each.values().stream().mapToDouble(f -> f).average().orElse(Double.NaN));
    metrics.putAll(each);
  }
}
