package dev.kindling.nn;

import static java.util.Map.entry;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads modules from their written form; every layer that can be written is a line here. */
public final class Modules {
  private static final Map<String, Function<Spec, Module>> READERS =
      Map.ofEntries(
          entry("AdaptiveAvgPool2d", AdaptiveAvgPool2d::of),
          entry("AvgPool2d", AvgPool2d::of),
          entry("BatchNorm1d", BatchNorm1d::new),
          entry("BatchNorm2d", BatchNorm2d::new),
          entry("Bilinear", Bilinear::of),
          entry("Conv1d", Conv1d::new),
          entry("Conv2d", Conv2d::new),
          entry("ConvTranspose2d", ConvTranspose2d::new),
          entry("Dropout", Dropout::of),
          entry("ELU", ELU::of),
          entry("Embedding", Embedding::of),
          entry("Flatten", plain(Flatten::new)),
          entry("GELU", GELU::of),
          entry("GRU", GRU::of),
          entry("GroupNorm", GroupNorm::of),
          entry("LSTM", LSTM::of),
          entry("LayerNorm", LayerNorm::of),
          entry("LeakyReLU", LeakyReLU::of),
          entry("Linear", Linear::of),
          entry("LogSoftmax", LogSoftmax::of),
          entry("MaxPool2d", MaxPool2d::of),
          entry("MultiHeadAttention", MultiHeadAttention::of),
          entry("Parallel", Parallel::of),
          entry("Perceptron", Perceptron::of),
          entry("PositionalEmbedding", PositionalEmbedding::of),
          entry("PositionalEncoding", plain(PositionalEncoding::new)),
          entry("RNN", RNN::of),
          entry("ReLU", plain(ReLU::new)),
          entry("Residual", Residual::of),
          entry("Sequential", Sequential::of),
          entry("SiLU", plain(SiLU::new)),
          entry("Sigmoid", plain(Sigmoid::new)),
          entry("Softmax", Softmax::of),
          entry("Tanh", plain(Tanh::new)),
          entry("TransformerDecoderLayer", TransformerDecoderLayer::of),
          entry("TransformerEncoderLayer", TransformerEncoderLayer::of));

  private Modules() {}

  /** The names of all layers, sorted. */
  public static Set<String> names() {
    return new TreeSet<>(READERS.keySet());
  }

  /**
   * Reads a module. Beside its own arguments each takes {@code init}, how its parameters start:
   * {@code {weight: {Normal: {std: 0.01}}, bias: Zeros}}; names as in {@link Module#init}.
   *
   * @throws SpecException naming an unknown layer or argument and the nearest known one
   */
  public static Module of(Spec spec) {
    Function<Spec, Module> reader = READERS.get(spec.type());
    if (reader == null) {
      throw SpecException.unknown("model", "layer", spec.type(), names());
    }
    Module module = reader.apply(spec.without("init"));
    spec.map("init")
        .forEach(
            (pattern, start) -> module.init(pattern, Initializer.of(Spec.read("init", start))));
    return module;
  }

  /** Reads layers one after the other, each as {@link Spec#read} describes. */
  public static Sequential of(List<?> layers) {
    return Sequential.of(Spec.of("Sequential", "layers", layers));
  }

  /** The modules of an argument that is a list of layers. */
  static List<Module> of(Spec spec, String argument) {
    return spec.specs(argument).stream().map(Modules::of).toList();
  }

  private static Function<Spec, Module> plain(Supplier<Module> layer) {
    return spec -> {
      spec.allow();
      return layer.get();
    };
  }
}
