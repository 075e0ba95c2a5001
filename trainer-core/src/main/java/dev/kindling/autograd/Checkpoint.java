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
  private final Recomputation runs;
  private final JointGradient gradients = new JointGradient(this::recompute);

  private Checkpoint(UnaryOperator<Tensor> segment, Recomputation runs, List<Tensor> inputs) {
    super(inputs.toArray(Tensor[]::new));
    this.segment = segment;
    this.runs = runs;
  }

  /**
   * Runs a segment of a network. Layers drop the same elements when it runs again, and their
   * running statistics move once. Its gradients reach all that it reads, beside x too.
   *
   * @param segment gives the same operations when called again; draws nothing from a stream of
   *     random numbers of its own
   */
  public static Tensor of(UnaryOperator<Tensor> segment, Tensor x) {
    Recomputation runs = new Recomputation();
    Tensor y = runs.first(() -> segment.apply(x));
    if (!y.isRequiringGrad()) {
      return y;
    }
    List<Tensor> inputs = new ArrayList<>(List.of(y, x));
    OpOrder.of(List.of(y), List.of(x)).stream()
        .flatMap(op -> op.inputs().stream())
        .filter(input -> input != x && input.creator() == null && input.isRequiringGrad())
        .distinct()
        .forEach(inputs::add);
    Checkpoint op = new Checkpoint(segment, runs, inputs);
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
    return input == 0 ? null : gradients.of(input - 1, g);
  }

  private List<Tensor> recompute(Tensor g) {
    Tensor x = input(1);
    List<Tensor> inputs = new ArrayList<>(inputs().subList(1, inputs().size()));
    Tensor y =
        Recording.on(
            () -> {
              inputs.set(0, Alias.of(x));
              return runs.again(() -> segment.apply(inputs.get(0)));
            });
    inputs.add(x);
    List<Tensor> found = Gradients.between(inputs, y, g);
    Tensor pastTheArgument = found.remove(found.size() - 1);
    if (OpOrder.of(List.of(y), inputs).stream().anyMatch(op -> op.inputs().contains(x))) {
      found.set(0, found.get(0).add(pastTheArgument));
    }
    return found;
  }
}
