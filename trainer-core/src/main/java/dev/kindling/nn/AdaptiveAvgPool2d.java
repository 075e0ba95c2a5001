package dev.kindling.nn;

import dev.kindling.autograd.ops.AveragePool;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * Means of even regions, as many as wanted: output i of m averages the inputs {@code floor(i * n /
 * m)} to {@code ceil((i + 1) * n / m)} of n. Shapes [n, c, h, w] -> [n, c, height, width].
 */
public final class AdaptiveAvgPool2d extends Module {
  private static final long serialVersionUID = 1L;

  private final int height;
  private final int width;

  /** As many rows as columns. */
  public AdaptiveAvgPool2d(int size) {
    this(size, size);
  }

  /** So many rows and columns. */
  public AdaptiveAvgPool2d(int height, int width) {
    this.height = height;
    this.width = width;
  }

  static AdaptiveAvgPool2d of(Spec spec) {
    List<Integer> size = spec.allow("size").integers("size");
    return new AdaptiveAvgPool2d(size.get(0), size.get(size.size() - 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return AveragePool.adaptive(x, height, width);
  }

  @Override
  protected Spec describe() {
    Object size = height == width ? (Object) height : List.of(height, width);
    return Spec.of("AdaptiveAvgPool2d", "size", size);
  }
}
