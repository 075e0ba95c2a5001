package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

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

  static Sequential of(Spec spec) {
    return new Sequential(Modules.of(spec.allow("layers"), "layers"));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < layers.size(); i++) {
      y = forward(String.valueOf(i), layers.get(i), y);
    }
    return y;
  }

  /** A layer's output; an error says which layer it was. */
  static Tensor forward(String name, Module layer, Tensor x) {
    try {
      return layer.forward(x);
    } catch (ShapeException e) {
      throw new ShapeException("layer %s, %s: %s".formatted(name, layer.toSpec(), e.getMessage()));
    }
  }

  /** The layers, in order. */
  public List<Module> layers() {
    return layers;
  }

  @Override
  protected Spec describe() {
    return Spec.of("Sequential", "layers", layerSpecs());
  }

  /** The written forms of the layers. */
  List<Spec> layerSpecs() {
    return layers.stream().map(Module::toSpec).toList();
  }
}
