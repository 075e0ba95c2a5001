package dev.kindling.train;

import dev.kindling.data.Target;
import dev.kindling.nn.Targets;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

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
 * Each row's difference is kept for an exact {@code auc}, 12 bytes; sums that travel have it
 * rounded ({@link RoundedScores}). Where a row has several labels, each counts with the row's
 * weight, and {@link Target#NO_LABEL} not at all.
 */
public final class ClassEvaluation extends Evaluation {
  private static final long serialVersionUID = 1L;
  private static final int MOST_PLACES = 5;
  private static final int MOST_CLASSES = 1000;
  private static final int MOST_CONFUSED = 50;

  private final int classes;
  private final Layout layout;

  /** For an exact area under the curve; null where scores are rounded. */
  private final RankedScores scores;

  /**
   * What stands where in the sums: the weight of all rows, then that of the rows whose label has 0,
   * 1, ... 4 larger outputs, then weights by class, by pairs of classes, and of scores.
   *
   * @param asLabel from here the weight of the rows of each class
   * @param predicted from here that of the rows predicted to be of each class
   * @param right from here that of the rows of each class that are predicted so
   * @param confusion from here weights by label and prediction
   * @param rounded from here rounded scores
   */
  private record Layout(
      int asLabel, int predicted, int right, int confusion, int rounded, int length)
      implements java.io.Serializable {

    static Layout of(int classes, int mostConfused, int rounded) {
      int each = classes <= MOST_CLASSES ? classes : 0;
      int asLabel = 1 + MOST_PLACES;
      int confusion = asLabel + 3 * each;
      int pairs = classes <= mostConfused ? classes * classes : 0;
      int scores = confusion + pairs;
      return new Layout(
          asLabel, asLabel + each, asLabel + 2 * each, confusion, scores, scores + rounded);
    }

    boolean hasClasses() {
      return predicted > asLabel;
    }

    boolean hasConfusion() {
      return rounded > confusion;
    }
  }

  private ClassEvaluation(int classes, Layout layout, double[] sums, RankedScores scores) {
    super(sums);
    this.classes = classes;
    this.layout = layout;
    this.scores = scores;
  }

  static ClassEvaluation exact(int classes) {
    Layout layout = Layout.of(classes, MOST_CLASSES, 0);
    return new ClassEvaluation(classes, layout, new double[layout.length], new RankedScores());
  }

  static ClassEvaluation summed(int classes) {
    Layout layout = Layout.of(classes, MOST_CONFUSED, classes == 2 ? RoundedScores.LENGTH : 0);
    return new ClassEvaluation(classes, layout, new double[layout.length], null);
  }

  @Override
  void add(BatchInput batch, Tensor output, IntPredicate counts) {
    int[] labels = ((Targets.Labels) batch.target()).labels().array();
    int perRow = labels.length / batch.weights().size(0);
    int width = output.shape().elements() / labels.length;
    if (width < classes) {
      return; // outputs that are no scores of classes
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Target.NO_LABEL && counts.test(labels[i])) {
        double weight = batch.weights().array()[batch.weights().offset() + i / perRow];
        add(output.array(), output.offset() + i * width, width, labels[i], weight);
      }
    }
  }

  /** Adds one label with the outputs that stand from {@code at}. */
  void add(float[] outputs, int at, int width, int label, double weight) {
    int predicted = 0;
    int place = 0;
    float own = outputs[at + label];
    for (int c = 0; c < width; c++) {
      float output = outputs[at + c];
      predicted = output > outputs[at + predicted] ? c : predicted;
      place += output > own || (output == own && c < label) ? 1 : 0;
    }
    sums[0] += weight;
    if (place < MOST_PLACES) {
      sums[1 + place] += weight;
    }
    count(label, predicted, weight);
    if (classes == 2) {
      score(outputs[at + 1] - outputs[at], label == 1, weight);
    }
  }

  private void count(int label, int predicted, double weight) {
    if (!layout.hasClasses()) {
      return;
    }
    sums[layout.asLabel + label] += weight;
    if (predicted < classes) { // a network may have outputs that are no class of the data
      sums[layout.predicted + predicted] += weight;
      sums[layout.right + label] += predicted == label ? weight : 0;
      if (layout.hasConfusion()) {
        sums[layout.confusion + label * classes + predicted] += weight;
      }
    }
  }

  private void score(float score, boolean isPositive, double weight) {
    if (scores == null) {
      RoundedScores.add(sums, layout.rounded, score, isPositive, weight);
    } else {
      scores.add(score, isPositive, weight);
    }
  }

  @Override
  public ClassEvaluation plus(Evaluation other) {
    ClassEvaluation second = (ClassEvaluation) other;
    RankedScores both = scores == null ? null : scores.plus(second.scores);
    return new ClassEvaluation(classes, layout, sumsWith(second), both);
  }

  /**
   * Weight of the rows by label (first index) and prediction (second); a copy. Empty where there
   * are too many classes for it.
   */
  public double[][] confusion() {
    return layout.hasConfusion()
        ? IntStream.range(0, classes).mapToObj(this::row).toArray(double[][]::new)
        : new double[0][];
  }

  private double[] row(int label) {
    int from = layout.confusion + label * classes;
    return Arrays.copyOfRange(sums, from, from + classes);
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of("accuracy"));
    for (int k = 2; k <= MOST_PLACES && k < classes; k++) {
      names.add("top_" + k + "_accuracy");
    }
    if (layout.hasClasses()) {
      names.add("f1_macro");
      IntStream.range(0, classes).forEach(c -> names.add("f1_" + c));
    }
    if (classes == 2) {
      names.add("auc");
    }
    return names;
  }

  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (sums[0] == 0) {
      return metrics;
    }
    double within = sums[1];
    metrics.put("accuracy", within / sums[0]);
    for (int k = 2; k <= MOST_PLACES && k < classes; k++) {
      within += sums[k];
      metrics.put("top_" + k + "_accuracy", within / sums[0]);
    }
    addF1(metrics);
    if (classes == 2) {
      double area = scores == null ? RoundedScores.area(sums, layout.rounded) : scores.area();
      if (!Double.isNaN(area)) {
        metrics.put("auc", area);
      }
    }
    return metrics;
  }

  private void addF1(Map<String, Double> metrics) {
    if (!layout.hasClasses()) {
      return;
    }
    Map<String, Double> each = new LinkedHashMap<>();
    for (int c = 0; c < classes; c++) {
      double both = sums[layout.asLabel + c] + sums[layout.predicted + c];
      if (both > 0) {
        each.put("f1_" + c, 2 * sums[layout.right + c] / both);
      }
    }
    double macro = each.values().stream().mapToDouble(f -> f).average().orElse(Double.NaN);
    metrics.put("f1_macro", macro);
    metrics.putAll(each);
  }
}
