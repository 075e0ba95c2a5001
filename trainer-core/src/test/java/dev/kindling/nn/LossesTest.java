package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.Gradients;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Losses and their gradients against those that PyTorch computes in double precision ({@code
 * reduction="none"} and {@code "mean"}; {@code "batchmean"} for the divergence). PyTorch has no
 * InfoNCE: there its cross-entropy of the cosine similarities is the reference.
 */
class LossesTest {
  private static final Offset<Float> CLOSE = Offset.offset(2e-5f);
  private static final Map<String, PyTorchCase> CASES = PyTorchCase.losses();
  private static final List<Double> WEIGHTS = List.of(0.5, 2.0, 1.0, 0.25);

  private record Check(String name, Loss loss) {}

  private static Stream<Check> checks() {
    return Stream.of(
        new Check("CrossEntropyLoss", new CrossEntropyLoss()),
        new Check("CrossEntropyLoss weights", new CrossEntropyLoss(WEIGHTS, -100, 0)),
        new Check("CrossEntropyLoss ignore", new CrossEntropyLoss(List.of(), 2, 0)),
        new Check("CrossEntropyLoss smoothing", new CrossEntropyLoss(List.of(), -100, 0.2)),
        new Check("CrossEntropyLoss all", new CrossEntropyLoss(WEIGHTS, 1, 0.1)),
        new Check("NLLLoss", new NLLLoss()),
        new Check("NLLLoss all", new NLLLoss(WEIGHTS, 0)),
        new Check("BCEWithLogitsLoss", new BCEWithLogitsLoss()),
        new Check("BCEWithLogitsLoss weight", new BCEWithLogitsLoss(3)),
        new Check("MSELoss", new MSELoss()),
        new Check("L1Loss", new L1Loss()),
        new Check("SmoothL1Loss", new SmoothL1Loss()),
        new Check("SmoothL1Loss beta", new SmoothL1Loss(0.3)),
        new Check("HingeLoss labels", new HingeLoss(0.7)),
        new Check("KLDivLoss", new KLDivLoss()),
        new Check("CosineEmbeddingLoss", new CosineEmbeddingLoss(0.2)),
        new Check("InfoNCELoss", new InfoNCELoss(0.5)),
        new Check("TripletMarginLoss", new TripletMarginLoss()));
  }

  @TestFactory
  Stream<DynamicTest> lossesAndGradientsAreThoseOfPyTorch() {
    return checks().map(check -> dynamicTest(check.name, () -> compare(check)));
  }

  private static void compare(Check check) {
    PyTorchCase expected = CASES.get(check.name);
    Tensor x = expected.x().requiresGrad();
    Targets targets = targets(expected);
    assertThat(check.loss.perSample(x, targets).toArray())
        .containsExactly(expected.kind("out").get("none").toArray(), CLOSE);
    Tensor mean = check.loss.forward(x, targets);
    assertThat(mean.item()).isCloseTo(expected.kind("out").get("mean").item(), CLOSE);
    assertThat(Gradients.of(mean, List.of(x)).get(0).toArray())
        .containsExactly(expected.kind("grad").get("x").toArray(), CLOSE);
  }

  private static Targets targets(PyTorchCase expected) {
    if (expected.in("labels") == null) {
      return new Targets.Values(expected.in("values"));
    }
    float[] labels = expected.in("labels").toArray();
    int[] whole = new int[labels.length];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = (int) labels[i];
    }
    return new Targets.Labels(IntTensor.of(whole));
  }

  @Test
  void everyCaseIsCompared() {
    assertThat(checks().map(Check::name)).containsExactlyInAnyOrderElementsOf(CASES.keySet());
  }

  private static Stream<Spec> written() {
    return Stream.of(
        Spec.of("BCEWithLogitsLoss", "pos_weight", 2.0),
        Spec.of("CosineEmbeddingLoss", "margin", 0.5),
        Spec.of("CrossEntropyLoss"),
        Spec.of("CrossEntropyLoss", "weight", WEIGHTS, "ignore_index", 0, "label_smoothing", 0.1),
        Spec.of("HingeLoss", "margin", 2.0),
        Spec.of("InfoNCELoss", "temperature", 0.2),
        Spec.of("KLDivLoss"),
        Spec.of("L1Loss"),
        Spec.of("MSELoss"),
        Spec.of("NLLLoss", "weight", WEIGHTS, "ignore_index", 3),
        Spec.of("PenalizedLoss", "loss", Spec.of("MSELoss"), "l1", 0.1, "l2", 0.2),
        Spec.of("SmoothL1Loss", "beta", 0.5),
        Spec.of("TripletMarginLoss", "margin", 0.3));
  }

  @TestFactory
  Stream<DynamicTest> aLossIsReadAndWrittenWithoutLoss() {
    return written()
        .map(
            spec ->
                dynamicTest(
                    spec.toString(),
                    () ->
                        assertThat(Loss.of(Spec.read("loss", spec.written())).toSpec())
                            .isEqualTo(spec)));
  }

  @Test
  void everyLossIsInTheTable() {
    assertThat(written().map(Spec::type).collect(Collectors.toSet())).isEqualTo(Losses.names());
  }

  @Test
  void hingeOfSignsIsTheMeanOfWhatIsShort() {
    Tensor x = Tensor.of(new float[] {0.5f, -2, 3, 0.25f}, 2, 2);
    Targets signs = new Targets.Values(Tensor.of(new float[] {1, -1, -1, -1}, 2, 2));
    assertThat(new HingeLoss().perSample(x, signs).toArray())
        .containsExactly(0.25f, (4 + 1.25f) / 2);
  }

  @Test
  void labelsOfPositionsCountOneByOne() {
    Tensor x = Tensor.zeros(2, 3, 4);
    Targets labels =
        new Targets.Labels(new IntTensor(Shape.of(2, 3), new int[] {0, 1, 2, 3, 0, 1}));
    Loss loss = new CrossEntropyLoss(List.of(), 1, 0);
    assertThat(loss.perSample(x, labels).toArray()).hasSize(6);
    assertThat(loss.weight(labels)).isEqualTo(4);
    assertThat(loss.forward(x, labels).item()).isCloseTo((float) Math.log(4), CLOSE);
  }

  @Test
  void asInPyTorchTheLabelMinus100DoesNotCountUnlessAnotherIsGiven() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 7}, 3, 2).requiresGrad();
    Targets labels = new Targets.Labels(IntTensor.of(0, -100, 1));
    Loss loss = new CrossEntropyLoss();
    double first = Math.log1p(Math.exp(1));
    double last = Math.log1p(Math.exp(-2));
    assertThat(loss.perSample(x, labels).toArray())
        .containsExactly(new float[] {(float) first, 0, (float) last}, CLOSE);
    Tensor mean = loss.forward(x, labels);
    assertThat(mean.item()).isCloseTo((float) (first + last) / 2, CLOSE);
    mean.backward();
    assertThat(x.grad().slice(0, 1, 2).toArray()).containsExactly(0, 0);
    assertThat(new CrossEntropyLoss(List.of(), 0, 0).weight(new Targets.Labels(IntTensor.of(0, 1))))
        .isEqualTo(1);
  }

  @Test
  void weightsOfRowsScaleTheirLossesAndTheDivisor() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 7, 0, 1}, 4, 2);
    Tensor rows = Tensor.of(2, 0.5f);
    Targets labels = new Targets.Labels(new IntTensor(Shape.of(2, 2), new int[] {0, 1, -100, 0}));
    Loss loss = new CrossEntropyLoss(List.of(3.0, 1.0), -100, 0);
    float[] plain = loss.perSample(x.reshape(2, 2, 2), labels).toArray();
    double sum = 2 * plain[0] + 2 * plain[1] + 0.5 * plain[3];
    assertThat(loss.weight(labels, rows)).isEqualTo(2 * (3 + 1) + 0.5 * 3);
    assertThat(loss.forward(x.reshape(2, 2, 2), labels, rows).item())
        .isCloseTo((float) (sum / 9.5), CLOSE);
    Targets values = new Targets.Values(Tensor.zeros(2, 4));
    assertThat(new MSELoss().weight(values, rows)).isEqualTo(2.5);
    assertThat(new PenalizedLoss(loss, 1, 0).weight(labels, rows)).isEqualTo(9.5);
  }

  @Test
  void penaltiesAreOfWeightsAlone() {
    Linear linear = new Linear(2, 1);
    linear.loadStateDict(
        Map.of("weight", Tensor.of(new float[] {3, -2}, 1, 2), "bias", Tensor.of(7f)));
    Tensor penalty = new PenalizedLoss(new MSELoss(), 0.5, 0.1).penalty(linear).orElseThrow();
    assertThat(penalty.item()).isCloseTo(0.5f * 5 + 0.1f * 13, CLOSE);
  }

  @Test
  void errorsNameWhatIsNeeded() {
    Targets values = new Targets.Values(Tensor.zeros(2, 3));
    assertThatThrownBy(() -> new CrossEntropyLoss().perSample(Tensor.zeros(2, 3), values))
        .hasMessageContaining("needs class labels, or use MSELoss");
    assertThatThrownBy(() -> new L1Loss().perSample(Tensor.zeros(2, 4), values))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "L1Loss: outputs [2,4] and targets [2,3] must have the same shape; change the last layer, or reshape");
    assertThatThrownBy(() -> new TripletMarginLoss().perSample(Tensor.zeros(2, 4), values))
        .hasMessageContaining("must be 3 vectors for each sample, [n,3,d]");
  }
}
