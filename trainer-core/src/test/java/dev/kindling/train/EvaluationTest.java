package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Metrics by name against their formulas, written out over all rows or pairs of rows. */
class EvaluationTest {
  private static final long SEED = 17;
  private static final int ROWS = 300;

  private final Random random = new Random(SEED);

  /** Rounded, so that equal scores occur. */
  private float[][] outputs(int width) {
    float[][] outputs = new float[ROWS][width];
    for (float[] row : outputs) {
      for (int i = 0; i < width; i++) {
        row[i] = Math.round(8 * random.nextGaussian()) / 8f;
      }
    }
    return outputs;
  }

  private int[] labels(int classes) {
    return random.ints(ROWS, 0, classes).toArray();
  }

  private double[] weights() {
    return random.doubles(ROWS, 0, 2).toArray();
  }

  /** Two halves, added. */
  private static ClassEvaluation classes(
      int classes, float[][] outputs, int[] labels, double[] weights) {
    return classes(() -> ClassEvaluation.exact(classes), outputs, labels, weights);
  }

  private static ClassEvaluation classes(
      Supplier<ClassEvaluation> start, float[][] outputs, int[] labels, double[] weights) {
    ClassEvaluation first = start.get();
    ClassEvaluation second = start.get();
    for (int i = 0; i < ROWS; i++) {
      (i < ROWS / 2 ? first : second).add(outputs[i], 0, outputs[i].length, labels[i], weights[i]);
    }
    return first.plus(second);
  }

  private static int place(float[] outputs, int label) {
    int place = 0;
    for (int c = 0; c < outputs.length; c++) {
      if (outputs[c] > outputs[label] || (outputs[c] == outputs[label] && c < label)) {
        place++;
      }
    }
    return place;
  }

  @Test
  void topKAccuracyIsTheShareOfLabelsAmongTheKLargest() {
    float[][] outputs = outputs(6);
    int[] labels = labels(6);
    double[] weights = weights();
    ClassEvaluation evaluation = classes(6, outputs, labels, weights);
    for (int k = 1; k <= 5; k++) {
      double within = 0;
      double all = 0;
      for (int i = 0; i < ROWS; i++) {
        all += weights[i];
        within += place(outputs[i], labels[i]) < k ? weights[i] : 0;
      }
      String name = k == 1 ? "accuracy" : "top_" + k + "_accuracy";
      assertThat(evaluation.metric(name)).isCloseTo(within / all, within(1e-12));
    }
  }

  @Test
  void f1IsTheHarmonicMeanOfPrecisionAndRecall() {
    float[][] outputs = outputs(3);
    int[] labels = labels(3);
    double[] weights = weights();
    ClassEvaluation evaluation = classes(3, outputs, labels, weights);
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      double right = 0;
      double predicted = 0;
      double wanted = 0;
      for (int i = 0; i < ROWS; i++) {
        boolean says = Predictor.argmax(outputs[i]) == c;
        right += says && labels[i] == c ? weights[i] : 0;
        predicted += says ? weights[i] : 0;
        wanted += labels[i] == c ? weights[i] : 0;
      }
      double precision = right / predicted;
      double recall = right / wanted;
      double f1 = 2 * precision * recall / (precision + recall);
      assertThat(evaluation.metric("f1_" + c)).isCloseTo(f1, within(1e-12));
      assertThat(evaluation.confusion()[c][c]).isCloseTo(right, within(1e-9));
      sum += f1;
    }
    assertThat(evaluation.metric("f1_macro")).isCloseTo(sum / 3, within(1e-12));
  }

  @Test
  void areaUnderTheCurveIsTheShareOfPairsInTheRightOrder() {
    float[][] outputs = outputs(2);
    int[] labels = labels(2);
    double[] weights = weights();
    double won = 0;
    double all = 0;
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < ROWS; j++) {
        if (labels[i] == 1 && labels[j] == 0) {
          float a = outputs[i][1] - outputs[i][0];
          float b = outputs[j][1] - outputs[j][0];
          all += weights[i] * weights[j];
          won += weights[i] * weights[j] * (a > b ? 1 : a == b ? 0.5 : 0);
        }
      }
    }
    assertThat(classes(2, outputs, labels, weights).metric("auc"))
        .isCloseTo(won / all, within(1e-12));
    assertThat(classes(() -> ClassEvaluation.summed(2), outputs, labels, weights).metric("auc"))
        .isCloseTo(won / all, within(1e-3));
  }

  @Test
  void aClassThatIsNowhereHasNoF1AndOneClassAloneNoArea() {
    ClassEvaluation evaluation = ClassEvaluation.exact(2);
    evaluation.add(new float[] {2, 1}, 0, 2, 0, 1);
    assertThat(evaluation.metrics()).containsOnlyKeys("accuracy", "f1_macro", "f1_0");
    assertThatThrownBy(() -> evaluation.metric("auc"))
        .hasMessageContaining("'auc'")
        .hasMessageContaining("f1_macro");
  }

  @Test
  void errorsOfValuesFollowTheirFormulas() {
    float[][] said = outputs(2);
    float[][] targets = outputs(2);
    double[] weights = weights();
    ValueEvaluation first = new ValueEvaluation(2);
    ValueEvaluation second = new ValueEvaluation(2);
    double mae = 0;
    double rmse = 0;
    double r2 = 0;
    for (int v = 0; v < 2; v++) {
      double all = 0;
      double mean = 0;
      for (int i = 0; i < ROWS; i++) {
        (i < 100 ? first : second).add(v, 1000 + targets[i][v], 1000 + said[i][v], weights[i]);
        all += weights[i];
        mean += weights[i] * targets[i][v];
      }
      mean /= all;
      double absolute = 0;
      double squared = 0;
      double spread = 0;
      for (int i = 0; i < ROWS; i++) {
        double error = targets[i][v] - said[i][v];
        absolute += weights[i] * Math.abs(error);
        squared += weights[i] * error * error;
        spread += weights[i] * (targets[i][v] - mean) * (targets[i][v] - mean);
      }
      mae += absolute / all / 2;
      rmse += Math.sqrt(squared / all) / 2;
      r2 += (1 - squared / spread) / 2;
    }
    Evaluation evaluation = first.plus(second);
    assertThat(evaluation.metric("mae")).isCloseTo(mae, within(1e-9));
    assertThat(evaluation.metric("rmse")).isCloseTo(rmse, within(1e-9));
    assertThat(evaluation.metric("r2")).isCloseTo(r2, within(1e-9));
  }

  @Test
  void roundedScoresKeepTheirOrder() {
    float[] scores = {-1e30f, -17, -3.2f, -3, -1e-3f, -1e-9f, 0, 1e-3f, 0.5f, 0.52f, 3, 20};
    for (int i = 1; i < scores.length; i++) {
      assertThat(RoundedScores.bin(scores[i]))
          .isGreaterThanOrEqualTo(RoundedScores.bin(scores[i - 1]));
    }
    assertThat(RoundedScores.bin(0.5f)).isLessThan(RoundedScores.bin(0.52f));
    assertThat(RoundedScores.bin(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(RoundedScores.bin(Float.POSITIVE_INFINITY)).isEqualTo(1023);
  }

  @Test
  void sumsThatTravelGiveTheSameMetrics() {
    float[][] outputs = outputs(10);
    int[] labels = labels(10);
    ClassEvaluation whole = classes(() -> ClassEvaluation.summed(10), outputs, labels, weights());
    RowFormat format =
        new RowFormat(List.of(1), ElementType.FLOAT32, Target.label(10), Normalisation.none());
    Evaluation travelled = Evaluation.summed(format, whole.sums());
    assertThat(travelled.metrics()).isEqualTo(whole.metrics());
    assertThat(travelled.names()).containsAll(whole.metrics().keySet());
    assertThat(((ClassEvaluation) travelled).confusion()).isDeepEqualTo(whole.confusion());
    assertThat(ClassEvaluation.summed(1000).sums()).hasSizeLessThanOrEqualTo(4096);
    assertThat(ClassEvaluation.summed(100_000).sums()).hasSizeLessThanOrEqualTo(4096);
    assertThat(ClassEvaluation.summed(50).sums()).hasSizeLessThanOrEqualTo(4096);
    assertThat(ValueEvaluation.summed(801).metrics()).isEmpty();
  }
}
