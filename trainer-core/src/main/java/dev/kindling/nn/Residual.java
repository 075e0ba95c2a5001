package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code y = shortcut(x) + layers(x)} (He et al., 2015); without a shortcut x itself is added, so
 * the layers must keep the shape. Parameters are named {@code layers.0.weight}, {@code
 * shortcut.0.weight}, ...
 */
public final class Residual extends Module {
  private static final long serialVersionUID = 1L;

  private final Sequential layers;
  private final Sequential shortcut;

  /** Layers around which x goes unchanged. */
  public Residual(Module... layers) {
    this(List.of(layers), List.of());
  }

  /** Layers, and the layers of the shortcut; none for x itself. */
  public Residual(List<Module> layers, List<Module> shortcut) {
    this.layers = register("layers", new Sequential(layers));
    this.shortcut = register("shortcut", new Sequential(shortcut));
  }

  static Residual of(Spec spec) {
    spec.allow("layers", "shortcut");
    return new Residual(
        Modules.of(spec, "layers"),
        spec.has("shortcut") ? Modules.of(spec, "shortcut") : List.of());
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor before = shortcut.forward(x);
    Tensor y = layers.forward(x);
    if (!before.shape().equals(y.shape())) {
      throw new ShapeException(
          "Residual: the layers make %s of %s and the shortcut gives %s; %s"
              .formatted(
                  y.shape(),
                  x.shape(),
                  before.shape(),
                  "give it a shortcut that makes the same, as Linear, or Conv2d of kernel 1"));
    }
    return before.add(y);
  }

  @Override
  protected Spec describe() {
    return Spec.of("Residual", "layers", layers.layerSpecs())
        .with("shortcut", shortcut.layerSpecs(), List.of());
  }
}
