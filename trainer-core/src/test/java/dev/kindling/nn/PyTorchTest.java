package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.Gradients;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Outputs, gradients, parameter names and running statistics of every layer against those that
 * PyTorch computes in double precision from the same parameters and inputs.
 */
class PyTorchTest {
  private static final double TOLERANCE = 2e-5;

  private static final Map<String, PyTorchCase> CASES = PyTorchCase.layers();

  private record Check(
      String name, Module module, BiFunction<Module, PyTorchCase, Tensor> forward) {}

  private static Check of(String name, Module module) {
    return new Check(name, module, (m, c) -> m.forward(c.x()));
  }

  private static <M extends Module> Check of(
      String name, M module, BiFunction<M, PyTorchCase, Tensor> forward) {
    return new Check(name, module, (m, c) -> forward.apply(module, c));
  }

  private static Stream<Check> checks() {
    return Stream.of(
        of("ReLU", new ReLU()),
        of("LeakyReLU", new LeakyReLU(0.2)),
        of("ELU", new ELU(1.5)),
        of("GELU", new GELU()),
        of("GELU tanh", new GELU(true)),
        of("SiLU", new SiLU()),
        of("Sigmoid", new Sigmoid()),
        of("Tanh", new Tanh()),
        of("Softmax", new Softmax()),
        of("Softmax dim 1", new Softmax(1)),
        of("LogSoftmax", new LogSoftmax()),
        of("LogSoftmax dim 1", new LogSoftmax(1)),
        of("Linear", new Linear(3, 4)),
        of("Linear sequence without bias", new Linear(3, 4, false)),
        of("Bilinear", new Bilinear(2, 3, 4, true), (m, c) -> m.forward(c.in("x1"), c.in("x2"))),
        of("Embedding", new Embedding(5, 3), (m, c) -> m.forward(c.in("i"))),
        of("BatchNorm1d", new BatchNorm1d(3)),
        of("BatchNorm1d sequence", new BatchNorm1d(3, 0.1, 0.3, true)),
        of("BatchNorm2d", new BatchNorm2d(2)),
        of("BatchNorm2d evaluation", new BatchNorm2d(2).eval()),
        of("BatchNorm2d not affine", new BatchNorm2d(2, 1e-5, 0.1, false)),
        of("Conv1d", new Conv1d(4, 6, Window.of(3).stride(2).padding(2).dilation(2), 2, true)),
        of("Conv1d same", new Conv1d(2, 3, Window.of(4).padding("same"), 1, false)),
        of("Conv2d", new Conv2d(3, 4, 3)),
        of(
            "Conv2d all",
            new Conv2d(4, 6, Window.of(3, 2).stride(2, 1).padding(2, 1).dilation(1, 2), 2, true)),
        of("Conv2d same", new Conv2d(2, 3, Window.of(5).padding("same"))),
        of("Conv2d full", new Conv2d(2, 3, Window.of(3).padding("full"))),
        of("ConvTranspose2d", new ConvTranspose2d(3, 2, Window.of(3))),
        of(
            "ConvTranspose2d all",
            new ConvTranspose2d(
                4, 6, Window.of(3, 2).stride(3, 2).padding(1, 0).dilation(2, 1), 2, true, 1)),
        of("MaxPool2d", new MaxPool2d(2)),
        of("MaxPool2d all", new MaxPool2d(Window.of(3, 2).stride(2, 1).padding(1).dilation(1, 2))),
        of("AvgPool2d", new AvgPool2d(2)),
        of("AvgPool2d padded", new AvgPool2d(Window.of(3).stride(2).padding(1))),
        of("AdaptiveAvgPool2d", new AdaptiveAvgPool2d(3, 2)),
        of("LayerNorm", new LayerNorm(6)),
        of("LayerNorm two", new LayerNorm(Shape.of(3, 4), 0.1, true)),
        of("GroupNorm", new GroupNorm(2, 4)),
        of("RNN", new RNN(3, 4)),
        of("LSTM", new LSTM(3, 4)),
        of("LSTM deep, both ways", new LSTM(Recurrent.Sizes.of(3, 2).layers(2).bidirectional())),
        of("LSTM last", new LSTM(Recurrent.Sizes.of(3, 2).layers(2).bidirectional().lastOnly())),
        of(
            "LSTM packed",
            new LSTM(Recurrent.Sizes.of(3, 2).layers(2).bidirectional()),
            (m, c) -> m.run(c.x(), IntTensor.of(2, 4, 1)).output()),
        of(
            "LSTM packed, cells",
            new LSTM(Recurrent.Sizes.of(3, 2).bidirectional()),
            (m, c) -> Tensor.stack(m.run(c.x(), IntTensor.of(2, 4, 1)).cell(), 0)),
        of("GRU", new GRU(3, 4)),
        of("GRU deep, both ways", new GRU(Recurrent.Sizes.of(3, 2).layers(2).bidirectional())),
        of("MultiHeadAttention", new MultiHeadAttention(6, 2)),
        of("MultiHeadAttention causal", new MultiHeadAttention(6, 2, 0, true)),
        of(
            "MultiHeadAttention masked",
            new MultiHeadAttention(6, 3),
            (m, c) -> m.forward(c.x(), c.in("visible"))),
        of(
            "MultiHeadAttention memory",
            new MultiHeadAttention(6, 3),
            (m, c) -> m.forward(c.in("x1"), c.in("x2"), null)),
        of("TransformerEncoderLayer", encoder(false, false)),
        of("TransformerEncoderLayer pre-norm, GELU", encoder(true, true)),
        of("TransformerDecoderLayer", decoder(), (m, c) -> m.forward(c.in("x1"), c.in("x2"))));
  }

  private static Module encoder(boolean isNormFirst, boolean isGelu) {
    return new TransformerEncoderLayer(
        new TransformerSizes(4, 2, 6, 0, isNormFirst, isGelu, false));
  }

  private static TransformerDecoderLayer decoder() {
    return new TransformerDecoderLayer(new TransformerSizes(4, 2, 6, 0, false, false, true));
  }

  @TestFactory
  Stream<DynamicTest> outputsAndGradientsAreThoseOfPyTorch() {
    return checks().map(check -> dynamicTest(check.name, () -> compare(check)));
  }

  private static void compare(Check check) {
    PyTorchCase expected = CASES.get(check.name);
    Module module = check.module;
    module.loadStateDict(expected.kind("param"));
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    expected.kind("in").forEach((name, x) -> leaves.put(name, x));
    leaves.keySet().removeIf(name -> !name.startsWith("x"));
    leaves.values().forEach(Tensor::requiresGrad);
    module.namedParameters().forEach((name, p) -> leaves.put(name, p.tensor()));

    Tensor y = check.forward.apply(module, expected);
    assertClose("output", y, expected.kind("out").get("y"));
    Tensor loss = y.mul(expected.in("weights")).sum();
    List<Tensor> gradients = Gradients.of(loss, new ArrayList<>(leaves.values()));
    int i = 0;
    for (String name : leaves.keySet()) {
      assertClose("gradient of " + name, gradients.get(i++), expected.kind("grad").get(name));
    }
    expected
        .kind("after")
        .forEach((name, statistic) -> assertClose(name, module.stateDict().get(name), statistic));
  }

  /** {@code h' = max(W_ih x + b_ih + W_hh h + b_hh, 0)}, written out in double precision. */
  @Test
  void aRecurrentNetworkWithReluFollowsItsFormula() {
    PyTorchCase tanh = CASES.get("RNN");
    RNN rnn = new RNN(Recurrent.Sizes.of(3, 4), "relu");
    rnn.loadStateDict(tanh.kind("param"));
    float[][] wx = (float[][]) tanh.kind("param").get("weight_ih_l0").toNested();
    float[][] wh = (float[][]) tanh.kind("param").get("weight_hh_l0").toNested();
    float[] bx = tanh.kind("param").get("bias_ih_l0").toArray();
    float[] bh = tanh.kind("param").get("bias_hh_l0").toArray();
    float[][][] x = (float[][][]) tanh.x().toNested();
    float[][][] y = (float[][][]) rnn.forward(tanh.x()).toNested();
    for (int n = 0; n < x.length; n++) {
      double[] h = new double[4];
      for (int t = 0; t < x[n].length; t++) {
        double[] before = h.clone();
        for (int i = 0; i < h.length; i++) {
          double sum = bx[i] + bh[i];
          for (int k = 0; k < 3; k++) {
            sum += (double) wx[i][k] * x[n][t][k];
          }
          for (int k = 0; k < 4; k++) {
            sum += wh[i][k] * before[k];
          }
          h[i] = Math.max(sum, 0);
          assertThat((double) y[n][t][i]).isCloseTo(h[i], Offset.offset(TOLERANCE));
        }
      }
    }
  }

  private static void assertClose(String what, Tensor actual, Tensor expected) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    float[] a = actual.toArray();
    float[] e = expected.toArray();
    for (int i = 0; i < a.length; i++) {
      Offset<Double> offset = Offset.offset(TOLERANCE * (1 + Math.abs(e[i])));
      assertThat((double) a[i]).as("%s, element %d", what, i).isCloseTo(e[i], offset);
    }
  }

  @Test
  void everyCaseIsCompared() {
    assertThat(checks().map(Check::name)).containsExactlyInAnyOrderElementsOf(CASES.keySet());
  }
}
