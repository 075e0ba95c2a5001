package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.nn.Loss.Reduction;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What becomes of the losses of a batch, as PyTorch documents it: {@code none} gives every term,
 * {@code sum} adds all of them, {@code mean} divides. The terms are the documented formulas in
 * double precision.
 */
class ReductionTest {
  private static final Offset<Double> CLOSE = Offset.offset(2e-5);
  private static final float[] OUTPUTS = {0.5f, -1.25f, 2, 0.1f, -0.75f, 3};
  private static final float[] VALUES = {1, 0, 0.25f, 0.9f, 0.5f, 1};
  private static final float[] SIGNS = {1, -1, 1, -1, -1, 1};

  private record Check(String name, Loss loss, float[] targets, DoubleBinaryOperator term) {}

  private static Stream<Check> elementwise() {
    return Stream.of(
        new Check("MSELoss", new MSELoss(), VALUES, (x, y) -> (x - y) * (x - y)),
        new Check("L1Loss", new L1Loss(), VALUES, (x, y) -> Math.abs(x - y)),
        new Check("SmoothL1Loss", new SmoothL1Loss(0.5), VALUES, ReductionTest::smooth),
        new Check("BCEWithLogitsLoss", new BCEWithLogitsLoss(3), VALUES, ReductionTest::entropy),
        new Check("KLDivLoss", new KLDivLoss(), VALUES, ReductionTest::divergence),
        new Check("HingeLoss", new HingeLoss(), SIGNS, (x, y) -> Math.max(0, 1 - y * x)),
        new Check(
            "PenalizedLoss",
            new PenalizedLoss(new MSELoss(), 1, 1),
            VALUES,
            (x, y) -> (x - y) * (x - y)));
  }

  private static double smooth(double x, double y) {
    double d = Math.abs(x - y);
    return d < 0.5 ? d * d / (2 * 0.5) : d - 0.5 / 2;
  }

  private static double entropy(double x, double y) {
    double s = 1 / (1 + Math.exp(-x));
    return -(3 * y * Math.log(s) + (1 - y) * Math.log(1 - s));
  }

  private static double divergence(double x, double y) {
    return y == 0 ? 0 : y * (Math.log(y) - x);
  }

  @TestFactory
  Stream<DynamicTest> eachTermStaysIsAddedOrAveraged() {
    return elementwise().map(check -> dynamicTest(check.name, () -> compare(check)));
  }

  private static void compare(Check check) {
    Tensor x = Tensor.of(OUTPUTS.clone(), 3, 2);
    Targets targets = new Targets.Values(Tensor.of(check.targets.clone(), 3, 2));
    double[] terms = new double[OUTPUTS.length];
    Arrays.setAll(terms, i -> check.term.applyAsDouble(OUTPUTS[i], check.targets[i]));
    double sum = Arrays.stream(terms).sum();
    int divisor = check.loss instanceof KLDivLoss ? 3 : terms.length; // batchmean

    Tensor none = check.loss.forward(x, targets, Reduction.NONE);
    assertThat(none.shape()).isEqualTo(Shape.of(3, 2));
    assertClose(none, terms);
    assertClose(check.loss.forward(x, targets, Reduction.SUM), sum);
    assertClose(check.loss.forward(x, targets, Reduction.MEAN), sum / divisor);
    assertClose(check.loss.forward(x, targets), sum / divisor);
  }

  private static void assertClose(Tensor actual, double... expected) {
    float[] elements = actual.toArray();
    assertThat(elements).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) elements[i]).as("element %d", i).isCloseTo(expected[i], CLOSE);
    }
  }

  /** {@code -weight[label] * log softmax(x)[label]}, nothing for the ignored label. */
  private static double[] ofLabels(double[][] scores, int[] labels, double[] weights, int ignored) {
    double[] losses = new double[labels.length];
    for (int i = 0; i < labels.length; i++) {
      double total = Arrays.stream(scores[i]).map(Math::exp).sum();
      losses[i] =
          labels[i] == ignored ? 0 : weights[labels[i]] * (Math.log(total) - scores[i][labels[i]]);
    }
    return losses;
  }

  @Test
  void labelsOfPositionsKeepTheirShapeAndTheMeanDividesByTheirWeights() {
    double[][] scores = {{1, 2, 0.5}, {0, -1, 3}, {0.25, 0.5, -2}, {1, 1, 1}};
    int[] labels = {1, 0, 2, 1};
    float[] flat = new float[12];
    Arrays.setAll(new int[12], i -> i);
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) scores[i / 3][i % 3];
    }
    Tensor x = Tensor.of(flat, 2, 2, 3);
    Targets targets = new Targets.Labels(new IntTensor(Shape.of(2, 2), labels));
    Loss loss = new CrossEntropyLoss(List.of(0.5, 2.0, 1.0), 0, 0);
    double[] terms = ofLabels(scores, labels, new double[] {0.5, 2, 1}, 0);
    double sum = Arrays.stream(terms).sum();

    Tensor none = loss.forward(x, targets, Reduction.NONE);
    assertThat(none.shape()).isEqualTo(Shape.of(2, 2));
    assertClose(none, terms);
    assertClose(loss.forward(x, targets, Reduction.SUM), sum);
    assertClose(loss.forward(x, targets, Reduction.MEAN), sum / (2 + 1 + 2));
  }

  @Test
  void lossesOfSamplesHaveATermEach() {
    Tensor triples = Tensor.of(new float[] {0, 0, 3, 4, 1, 0, 1, 1, 1, 1, 4, 5}, 2, 3, 2);
    Targets any = new Targets.Values(Tensor.zeros(2));
    double first = 5 - 1 + 0.5; // |a - p| - |a - n| + margin
    Loss loss = new TripletMarginLoss(0.5);
    assertClose(loss.forward(triples, any, Reduction.NONE), first, 0);
    assertClose(loss.forward(triples, any, Reduction.SUM), first);
    assertClose(loss.forward(triples, any, Reduction.MEAN), first / 2);
  }

  @Test
  void aConfigurationMayNameTheReductionThatTrainingHas() {
    assertThat(Loss.of(Spec.of("MSELoss", "reduction", "mean")).toSpec())
        .isEqualTo(Spec.of("MSELoss"));
    assertThat(Loss.of(Spec.of("KLDivLoss", "reduction", "batchmean")).toSpec())
        .isEqualTo(Spec.of("KLDivLoss"));
    assertThatThrownBy(() -> Loss.of(Spec.of("MSELoss", "reduction", "sum")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("MSELoss: reduction is sum; training takes the mean")
        .hasMessageContaining("leave reduction out, and for the steps of a sum raise the learning");
    assertThatThrownBy(() -> Loss.of(Spec.of("KLDivLoss", "reduction", "mean")))
        .hasMessageContaining("training takes the batchmean");
    assertThatThrownBy(() -> Loss.of(Spec.of("L1Loss", "reduction", "means")))
        .hasMessageContaining("did you mean 'mean'?");
  }
}
