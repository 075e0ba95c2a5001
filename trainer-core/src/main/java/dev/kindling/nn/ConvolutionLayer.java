package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What the convolutions share: their sizes, {@code weight}, {@code bias} and written form. */
abstract sealed class ConvolutionLayer extends Module permits Conv1d, Conv2d, ConvTranspose2d {
  private static final long serialVersionUID = 1L;
  static final List<Integer> STRIDE = List.of(1);

  private final int in;
  private final int out;
  private final Window window;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;

  /**
   * Weights [first, second / groups, kernel...], starting uniform in +-1/sqrt(fan in), where the
   * fan in is what follows the first size.
   */
  ConvolutionLayer(
      int in,
      int out,
      Window window,
      int groups,
      boolean hasBias,
      int dimensions,
      boolean isTransposed) {
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "%s: %d groups do not divide %d input and %d output channels"
              .formatted(getClass().getSimpleName(), groups, in, out));
    }
    this.in = in;
    this.out = out;
    this.window = window;
    this.groups = groups;
    int second = (isTransposed ? out : in) / groups;
    List<Integer> sizes = new ArrayList<>(List.of(isTransposed ? in : out, second));
    for (int d = 0; d < dimensions; d++) {
      sizes.add(window.axis(d).kernel());
    }
    Initializer start = Initializer.Uniform.ofFanIn(second * window.size(dimensions));
    weight = register("weight", new Parameter(Shape.of(sizes), start));
    bias = hasBias ? register("bias", new Parameter(Shape.of(out), start)) : null;
  }

  ConvolutionLayer(Spec spec, int dimensions, boolean isTransposed) {
    this(
        spec.integer("in"),
        spec.integer("out"),
        Window.read(spec, STRIDE),
        spec.integer("groups", 1),
        spec.flag("bias", true),
        dimensions,
        isTransposed);
  }

  final Window window() {
    return window;
  }

  final int groups() {
    return groups;
  }

  final Tensor weight() {
    return weight.tensor();
  }

  /** The bias, or null. */
  final Tensor bias() {
    return bias == null ? null : bias.tensor();
  }

  @Override
  protected Spec describe() {
    return window
        .write(Spec.of(getClass().getSimpleName(), "in", in, "out", out), STRIDE)
        .with("groups", groups, 1)
        .with("bias", bias != null, true);
  }
}
