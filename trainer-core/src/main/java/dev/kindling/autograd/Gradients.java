package dev.kindling.autograd;

import dev.kindling.autograd.ops.Reduction;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Reverse-mode differentiation: walks the remembered operations from the last to the first. */
public final class Gradients {
  private Gradients() {}

  /**
   * d output / d input for each input, made of operations, so they can be captured in a {@link
   * Plan} or differentiated again. An input that the output does not depend on gets zeros.
   *
   * @param output a scalar
   */
  public static List<Tensor> of(Tensor output, List<Tensor> inputs) {
    Map<Tensor, Tensor> gradients = walk(output);
    List<Tensor> found = new ArrayList<>();
    for (Tensor input : inputs) {
      Tensor gradient = gradients.get(input);
      found.add(gradient == null ? Tensor.zeros(input.shape()) : gradient);
    }
    return found;
  }

  /** Adds d output / d leaf to the gradient of every leaf that asks for one. */
  public static void backward(Tensor output) {
    Recording.off(
        () -> {
          walk(output)
              .forEach(
                  (tensor, gradient) -> {
                    if (tensor.creator() == null) {
                      tensor.accumulateGrad(gradient);
                    }
                  });
          return null;
        });
  }

  private static Map<Tensor, Tensor> walk(Tensor output) {
    if (output.shape().elements() != 1) {
      throw new IllegalArgumentException(
          "backward: %s is not a scalar; call sum() or mean() first".formatted(output.shape()));
    }
    if (!output.isRequiringGrad()) {
      throw new IllegalStateException(
          "backward: no leaf that the output depends on asks for a gradient; call requiresGrad()");
    }
    Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
    gradients.put(output, Tensor.full(output.shape(), 1));
    List<Op> ops = OpOrder.of(List.of(output));
    for (int i = ops.size() - 1; i >= 0; i--) {
      propagate(ops.get(i), gradients);
    }
    return gradients;
  }

  private static void propagate(Op op, Map<Tensor, Tensor> gradients) {
    Tensor outputGradient = gradients.get(op.output());
    if (outputGradient == null) {
      return;
    }
    for (int i = 0; i < op.inputs().size(); i++) {
      Tensor input = op.input(i);
      if (input.isRequiringGrad()) {
        Tensor gradient = op.gradient(i, outputGradient);
        if (gradient != null) {
          gradients.merge(input, Reduction.sumTo(gradient, input.shape()), Tensor::add);
        }
      }
    }
  }
}
