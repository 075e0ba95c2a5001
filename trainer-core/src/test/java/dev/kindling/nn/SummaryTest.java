package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Output shape, parameters and multiply-adds of every layer that can be written, counted by hand.
 */
class SummaryTest {
  private record Case(Spec layer, Shape sample, Shape output, long parameters, long products) {}

  private static Case of(
      Spec layer, Shape sample, Shape output, long parameters, long multiplyAdds) {
    return new Case(layer, sample, output, parameters, multiplyAdds);
  }

  private static Shape s(int... sizes) {
    return Shape.of(sizes);
  }

  private static Case same(String type) {
    return of(Spec.of(type), s(2, 3), s(2, 3), 0, 0);
  }

  private static Stream<Case> cases() {
    List<Object> layers =
        List.of("ReLU", Map.of("Linear", Map.of("in", 3, "out", 3, "bias", false)));
    Spec attention = Spec.of("MultiHeadAttention", "dim", 8, "heads", 2);
    return Stream.of(
        of(Spec.of("AdaptiveAvgPool2d", "size", List.of(2, 3)), s(3, 6, 6), s(3, 2, 3), 0, 0),
        of(Spec.of("AvgPool2d", "kernel", 2), s(3, 6, 5), s(3, 3, 2), 0, 0),
        of(Spec.of("BatchNorm1d", "features", 3), s(3), s(3), 6, 0),
        of(Spec.of("BatchNorm2d", "features", 3), s(3, 2, 2), s(3, 2, 2), 6, 0),
        of(Spec.of("Bilinear", "in1", 2, "in2", 3, "out", 4), s(5), s(4), 28, 24),
        of(Spec.of("Conv1d", "in", 2, "out", 4, "kernel", 3), s(2, 8), s(4, 6), 28, 6 * 24),
        of(Spec.of("Conv2d", "in", 2, "out", 4, "kernel", 3), s(2, 6, 6), s(4, 4, 4), 76, 16 * 72),
        of(
            Spec.of("Conv2d", "in", 2, "out", 4, "kernel", 3, "groups", 2, "stride", 3),
            s(2, 6, 6),
            s(4, 2, 2),
            40,
            4 * 36),
        of(
            Spec.of("ConvTranspose2d", "in", 2, "out", 4, "kernel", 3),
            s(2, 4, 4),
            s(4, 6, 6),
            76,
            16 * 72),
        same("Dropout"),
        same("ELU"),
        of(Spec.of("Embedding", "num", 10, "dim", 4), s(5), s(5, 4), 40, 0),
        of(Spec.of("Flatten"), s(2, 3, 4), s(24), 0, 0),
        same("GELU"),
        of(Spec.of("GRU", "in", 2, "hidden", 3), s(5, 2), s(5, 3), 63, 5 * 45),
        of(Spec.of("GroupNorm", "groups", 2, "channels", 4), s(4, 5), s(4, 5), 8, 0),
        of(Spec.of("LSTM", "in", 2, "hidden", 3, "output", "last"), s(5, 2), s(3), 84, 5 * 60),
        of(
            Spec.of("LSTM", "in", 2, "hidden", 3, "bidirectional", true),
            s(5, 2),
            s(5, 6),
            168,
            5 * 120),
        of(Spec.of("LayerNorm", "shape", 4), s(3, 4), s(3, 4), 8, 0),
        same("LeakyReLU"),
        of(Spec.of("Linear", "in", 3, "out", 4), s(3), s(4), 16, 12),
        of(Spec.of("Linear", "in", 3, "out", 4, "bias", false), s(2, 3), s(2, 4), 12, 24),
        same("LogSoftmax"),
        of(Spec.of("MaxPool2d", "kernel", 3, "stride", 2), s(3, 7, 5), s(3, 3, 2), 0, 0),
        of(attention, s(5, 8), s(5, 8), 288, 5 * 192 + 2 * 5 * 5 * 8 + 5 * 64),
        of(Spec.of("Parallel", "branches", List.of("ReLU", layers)), s(3), s(6), 9, 9),
        of(
            Spec.of("Parallel", "branches", List.of("ReLU", layers), "join", "add"),
            s(3),
            s(3),
            9,
            9),
        of(Spec.of("Perceptron", "in", 2, "out", 1), s(2), s(1), 3, 2),
        of(Spec.of("PositionalEmbedding", "length", 5, "dim", 4), s(5, 4), s(5, 4), 20, 0),
        of(Spec.of("PositionalEncoding"), s(5, 4), s(5, 4), 0, 0),
        of(Spec.of("RNN", "in", 2, "hidden", 3), s(5, 2), s(5, 3), 21, 5 * 15),
        same("ReLU"),
        of(Spec.of("Residual", "layers", layers), s(3), s(3), 9, 9),
        of(Spec.of("Sequential", "layers", layers), s(3), s(3), 9, 9),
        same("SiLU"),
        same("Sigmoid"),
        same("Softmax"),
        same("Tanh"),
        of(transformer("TransformerDecoderLayer"), s(5, 8), s(5, 8), 904, 2 * 1680 + 1280),
        of(transformer("TransformerEncoderLayer"), s(5, 8), s(5, 8), 600, 1680 + 1280));
  }

  private static Spec transformer(String type) {
    return Spec.of(type, "dim", 8, "heads", 2, "feedforward", 16);
  }

  @TestFactory
  Stream<DynamicTest> aLayerIsCountedAsByHand() {
    return cases().map(c -> dynamicTest(c.layer.toString(), () -> check(c)));
  }

  private static void check(Case c) {
    Summary summary = Summary.of(Modules.of(c.layer), c.sample);
    Summary.Row last = summary.rows().get(summary.rows().size() - 1);
    assertThat(last.output()).isEqualTo(c.output);
    assertThat(summary.parameters()).as("parameters").isEqualTo(c.parameters);
    assertThat(summary.multiplyAdds()).as("multiply-adds").isEqualTo(c.products);
    assertThat(summary.toString()).contains(last.layer(), c.output.toString());
  }

  @Test
  void everyLayerIsInTheTable() {
    assertThat(cases().map(c -> c.layer.type()).collect(Collectors.toSet()))
        .isEqualTo(Modules.names());
  }

  @Test
  void aSampleThatDoesNotFitNamesTheLayer() {
    Module model = Modules.of(List.of("Flatten", Map.of("Linear", Map.of("in", 5, "out", 2))));
    assertThatThrownBy(() -> Summary.of(model, s(2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("layer 1, Linear(in=5, out=2): linear: [1,6]");
  }
}
