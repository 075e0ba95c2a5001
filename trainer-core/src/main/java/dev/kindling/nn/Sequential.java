package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** {@code y = f_n(... f_1(f_0(x)))}: modules one after the other, named 0, 1, 2, ... */
public final class Sequential extends Module {
  private static final long serialVersionUID = 1L;

  private final List<Module> layers;

  /** The layers, in order. */
  public Sequential(Module... layers) {
    this(List.of(layers));
  }

  /** The layers, in order. */
  public Sequential(List<Module> layers) {
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) {
      register(String.valueOf(i), layers.get(i));
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (Module layer : layers) {
      y = layer.forward(y);
    }
    return y;
  }

  /** The layers, in order. */
  public List<Module> layers() {
    return layers;
  }

  @Override
  public Spec toSpec() {
    return new Spec("Sequential", Map.of("layers", layers.stream().map(Module::toSpec).toList()));
  }
}
