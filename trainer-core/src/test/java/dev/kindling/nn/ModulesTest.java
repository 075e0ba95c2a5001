package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Networks as they are written in a configuration. */
class ModulesTest {
  private static final List<String> LINEAR = List.of("Linear");

  /** Every layer with all of its arguments away from their defaults, and with as few as can be. */
  private static Stream<Spec> written() {
    List<Object> layers =
        List.of("ReLU", Map.of("Linear", Map.of("in", 3, "out", 3, "bias", false)));
    return Stream.of(
        Spec.of("AdaptiveAvgPool2d", "size", 2),
        Spec.of("AdaptiveAvgPool2d", "size", List.of(2, 3)),
        Spec.of("AvgPool2d", "kernel", 2),
        Spec.of("AvgPool2d", "kernel", List.of(2, 3), "stride", 1, "padding", 1),
        Spec.of("BatchNorm1d", "features", 3),
        Spec.of("BatchNorm1d", "features", 3, "eps", 0.1, "momentum", 0.2, "affine", false),
        Spec.of("BatchNorm2d", "features", 3),
        Spec.of("Bilinear", "in1", 2, "in2", 3, "out", 4, "bias", false),
        Spec.of("Conv1d", "in", 2, "out", 4, "kernel", 3, "stride", 2, "padding", "same"),
        Spec.of("Conv2d", "in", 2, "out", 4, "kernel", 3),
        convolution("Conv2d"),
        convolution("ConvTranspose2d").with("output_padding", 1, 0),
        Spec.of("Dropout"),
        Spec.of("Dropout", "p", 0.25),
        Spec.of("ELU"),
        Spec.of("ELU", "alpha", 2.0),
        Spec.of("Embedding", "num", 10, "dim", 4),
        Spec.of("Flatten"),
        Spec.of("GELU"),
        Spec.of("GELU", "approximate", "tanh"),
        Spec.of("GRU", "in", 2, "hidden", 3, "layers", 2),
        Spec.of("GroupNorm", "groups", 2, "channels", 4),
        Spec.of("GroupNorm", "groups", 2, "channels", 4, "eps", 0.1, "affine", false),
        Spec.of("LSTM", "in", 2, "hidden", 3, "layers", 2, "bidirectional", true)
            .with("dropout", 0.5, 0)
            .with("output", "last", "all"),
        Spec.of("LayerNorm", "shape", 4),
        Spec.of("LayerNorm", "shape", List.of(4, 5), "eps", 0.1, "affine", false),
        Spec.of("LeakyReLU"),
        Spec.of("LeakyReLU", "slope", 0.2),
        Spec.of("Linear", "in", 3, "out", 4),
        Spec.of("Linear", "in", 3, "out", 4, "bias", false),
        Spec.of("LogSoftmax", "dim", 1),
        Spec.of("MaxPool2d", "kernel", 2),
        Spec.of("MaxPool2d", "kernel", 3, "stride", 2, "padding", 1, "dilation", 2),
        Spec.of("MultiHeadAttention", "dim", 8, "heads", 2),
        Spec.of("MultiHeadAttention", "dim", 8, "heads", 2, "dropout", 0.1, "causal", true),
        Spec.of("Parallel", "branches", List.of("ReLU", layers)),
        Spec.of("Parallel", "branches", List.of("ReLU", layers), "join", "add", "dim", 2),
        Spec.of("Perceptron", "in", 2, "out", 1),
        Spec.of("PositionalEmbedding", "length", 5, "dim", 4),
        Spec.of("PositionalEncoding"),
        Spec.of("RNN", "in", 2, "hidden", 3),
        Spec.of("RNN", "in", 2, "hidden", 3, "nonlinearity", "relu"),
        Spec.of("ReLU"),
        Spec.of("Residual", "layers", layers),
        Spec.of("Residual", "layers", layers, "shortcut", layers),
        Spec.of("Sequential", "layers", layers),
        Spec.of("SiLU"),
        Spec.of("Sigmoid"),
        Spec.of("Softmax"),
        Spec.of("Softmax", "dim", 1),
        Spec.of("Tanh"),
        transformer("TransformerDecoderLayer").with("causal", false, true),
        Spec.of("TransformerEncoderLayer", "dim", 8, "heads", 2),
        transformer("TransformerEncoderLayer").with("causal", true, false));
  }

  private static Spec convolution(String type) {
    return Spec.of(type, "in", 2, "out", 4, "kernel", List.of(3, 2), "stride", List.of(2, 1))
        .with("padding", List.of(1, 0), 0)
        .with("dilation", 2, 1)
        .with("groups", 2, 1)
        .with("bias", false, true);
  }

  private static Spec transformer(String type) {
    return Spec.of(type, "dim", 8, "heads", 2, "feedforward", 16, "dropout", 0.2)
        .with("norm_first", true, false)
        .with("activation", "gelu", "relu");
  }

  @TestFactory
  Stream<DynamicTest> aLayerIsReadAndWrittenWithoutLoss() {
    return written().map(spec -> dynamicTest(spec.toString(), () -> roundTrip(spec)));
  }

  private static void roundTrip(Spec spec) {
    Module module = Modules.of(spec);
    assertThat(module.toSpec().written()).isEqualTo(plain(spec).written());
    Module again = Modules.of(Spec.read("model", module.toSpec().written()));
    assertThat(again.toSpec()).isEqualTo(module.toSpec());
    assertThat(again.namedParameters()).hasSameSizeAs(module.namedParameters());
  }

  /** Nested layers as the writer gives them: lists of layers as Sequential. */
  private static Spec plain(Spec spec) {
    Spec plain = Spec.of(spec.type());
    for (Map.Entry<String, Object> argument : spec.arguments().entrySet()) {
      Object value = argument.getValue();
      boolean isNested = value instanceof List<?> list && list.contains("ReLU");
      plain =
          plain.with(argument.getKey(), isNested ? nested(spec, argument.getKey()) : value, null);
    }
    return plain;
  }

  private static List<Spec> nested(Spec spec, String argument) {
    return spec.specs(argument).stream().map(ModulesTest::plain).toList();
  }

  @Test
  void everyLayerIsInTheTable() {
    assertThat(written().map(Spec::type).collect(Collectors.toSet())).isEqualTo(Modules.names());
  }

  @Test
  void aListOfLayersIsASequential() {
    Sequential model =
        Modules.of(List.of("Flatten", Map.of("Linear", Map.of("in", 4, "out", 2)), "ReLU"));
    assertThat(model.namedParameters().keySet()).containsExactly("1.weight", "1.bias");
  }

  @Test
  void anErrorNamesTheNearestLayerAndArgument() {
    assertThatThrownBy(() -> Modules.of(List.of("Relu")))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("unknown layer 'Relu'; did you mean 'ReLU'?");
    assertThatThrownBy(() -> Modules.of(Spec.of("Dropout", "q", 0.1)))
        .hasMessageContaining("Dropout: unknown argument 'q'; did you mean 'p'?");
    assertThatThrownBy(() -> Modules.of(LINEAR)).hasMessage("Linear: argument 'in' is missing");
    assertThatThrownBy(() -> Modules.of(List.of(Map.of("Linear", 3))))
        .hasMessageContaining("write 'Linear: {argument: value}'");
  }

  @Test
  void aShapeThatDoesNotFitNamesTheLayer() {
    Sequential model = new Sequential(new ReLU(), new Linear(4, 2));
    assertThatThrownBy(() -> model.forward(Tensor.zeros(3, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("layer 1, Linear(in=4, out=2): linear: [3,5]");
  }

  @Test
  void aSummaryCountsParametersAndMultiplyAdds() {
    Sequential model =
        new Sequential(
            new Flatten(),
            new Linear(784, 128),
            new ReLU(),
            new Residual(new Linear(128, 128), new ReLU()),
            new Sequential(new Dropout(), new Linear(128, 10)));
    Summary summary = Summary.of(model, Shape.of(1, 28, 28));
    assertThat(summary.rows())
        .extracting(Summary.Row::name)
        .containsExactly("0", "1", "2", "3", "4.0", "4.1");
    assertThat(summary.rows().get(1))
        .isEqualTo(
            new Summary.Row(
                "1", "Linear(in=784, out=128)", Shape.of(128), 784 * 128 + 128, 784 * 128));
    assertThat(summary.parameters()).isEqualTo(784 * 128 + 128 + 128 * 128 + 128 + 1280 + 10);
    assertThat(summary.multiplyAdds()).isEqualTo(784 * 128 + 128 * 128 + 1280);
    assertThat(summary.toString())
        .contains("input", "[1,28,28]", "Linear(in=784, out=128)", "100,480", "total");
    assertThat(model.isTraining()).isTrue();
  }
}
