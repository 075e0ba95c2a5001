package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * {@code y = segment(x)}, whose inner results are computed again in backward instead of kept (Chen
 * et al., 2016). The bits are those of the plain segment. In a {@link Plan} the buffers of the
 * inner results are free between forward and backward; without a plan they live as long as y.
 */
public final class Checkpoint extends Op {
  private final UnaryOperator<Tensor> segment;
  private Tensor outputGradient;
  private List<Tensor> gradients;

  private Checkpoint(UnaryOperator<Tensor> segment, List<Tensor> inputs) {
    super(inputs.toArray(Tensor[]::new));
    this.segment = segment;
  }

  /**
   * Runs a segment of a network.
   *
   * @param segment gives the same operations, of the same random numbers, when called again
   */
  public static Tensor of(UnaryOperator<Tensor> segment, Tensor x) {
    Tensor y = segment.apply(x);
    if (!y.isRequiringGrad()) {
      return y;
    }
    List<Tensor> inputs = new ArrayList<>(List.of(y, x));
    OpOrder.of(List.of(y), List.of(x)).stream()
        .flatMap(op -> op.inputs().stream())
        .filter(input -> input != x && input.creator() == null && input.isRequiringGrad())
        .distinct()
        .forEach(inputs::add);
    Checkpoint op = new Checkpoint(segment, inputs);
    return op.applyView(y.shape(), y.strides(), y.offsetInStorage());
  }

  @Override
  protected boolean computes() {
    return false;
  }

  @Override
  protected void run() {}

  /** Nothing flows into the kept results: the gradients of x and the parameters come from anew. */
  @Override
  protected Tensor gradient(int input, Tensor g) {
    if (input == 0) {
      return null;
    }
    if (g != outputGradient) {
      outputGradient = g;
      gradients = recompute(g);
    }
    return gradients.get(input - 1);
  }

  private List<Tensor> recompute(Tensor g) {
    Tensor x = Recording.on(() -> new Again(input(1)).apply());
    Tensor y = Recording.on(() -> segment.apply(x));
    List<Tensor> inputs = new ArrayList<>(inputs().subList(1, inputs().size()));
    inputs.set(0, x);
    return Gradients.between(inputs, y, g);
  }

  /** The same elements under another name, where the second computation starts. */
  private static final class Again extends Op {
    Again(Tensor x) {
      super(x);
    }

    Tensor apply() {
      return applyView(input(0).shape(), input(0).strides(), input(0).offsetInStorage());
    }

    @Override
    protected boolean computes() {
      return false;
    }

    @Override
    protected void run() {}

    @Override
    protected Tensor gradient(int input, Tensor g) {
      return g;
    }
  }
}
