package dev.kindling.autograd;

import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

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
    return of(output, seed(output), inputs);
  }

  /**
   * {@code g^T J} for each input: the product of the output's gradient and the Jacobian, made of
   * operations.
   *
   * @param outputGradient of the output's shape
   */
  public static List<Tensor> of(Tensor output, Tensor outputGradient, List<Tensor> inputs) {
    return select(walk(output, outputGradient, List.of()), inputs);
  }

  /**
   * {@code g^T J} of a function for each input: it is computed anew, so also where nothing was
   * remembered. The products are remembered where operations are.
   *
   * @param outputGradient of the shape of what the function gives
   * @return for each input; zeros where it asks for no gradient
   */
  static List<Tensor> vjp(
      Function<List<Tensor>, Tensor> function, List<Tensor> inputs, Tensor outputGradient) {
    List<Tensor> anew = Recording.on(() -> inputs.stream().map(Alias::of).toList());
    Tensor output = Recording.on(() -> function.apply(anew));
    return output.isRequiringGrad()
        ? between(anew, output, outputGradient)
        : select(Map.of(), inputs);
  }

  /**
   * As {@link #of}, for what lies between the inputs and the output alone: where one input depends
   * on another, the gradient of that other one does not count this way. Hooks of the inputs are not
   * called: it is the whole gradient that they want.
   */
  static List<Tensor> between(List<Tensor> inputs, Tensor output, Tensor outputGradient) {
    return select(walk(output, outputGradient, inputs), inputs);
  }

  private static List<Tensor> select(Map<Tensor, Tensor> gradients, List<Tensor> inputs) {
    List<Tensor> found = new ArrayList<>();
    for (Tensor input : inputs) {
      Tensor gradient = gradients.get(input);
      found.add(gradient == null ? Tensor.zeros(input.shape()) : gradient);
    }
    return found;
  }

  /**
   * Forward mode: {@code J v}, how {@code function} changes at {@code x} along {@code direction}.
   * It differentiates {@code J^T u}, which is linear in u, with respect to u.
   */
  public static Tensor jvp(Function<Tensor, Tensor> function, Tensor x, Tensor direction) {
    return Recording.on(() -> product(function, x.detach().requiresGrad(), direction));
  }

  private static Tensor product(Function<Tensor, Tensor> function, Tensor x, Tensor direction) {
    Tensor output = function.apply(x);
    Tensor u = Tensor.zeros(output.shape()).requiresGrad();
    Tensor transposed = output.isRequiringGrad() ? of(output, u, List.of(x)).get(0) : x.detach();
    return transposed.isRequiringGrad()
        ? of(transposed, direction, List.of(u)).get(0)
        : Tensor.zeros(output.shape());
  }

  /** Adds d output / d leaf to the gradient of every leaf that asks for one. */
  public static void backward(Tensor output) {
    backward(output, seed(output), false);
  }

  /**
   * Adds {@code g^T J} to the gradient of every leaf that asks for one.
   *
   * @param createGraph whether the gradients can be differentiated again
   */
  public static void backward(Tensor output, Tensor outputGradient, boolean createGraph) {
    if (createGraph) {
      accumulate(walk(output, outputGradient, List.of()));
    } else {
      Recording.off(
          () -> {
            accumulate(walk(output, outputGradient, List.of()));
            return null;
          });
    }
  }

  private static void accumulate(Map<Tensor, Tensor> gradients) {
    gradients.forEach(
        (tensor, gradient) -> {
          if (tensor.creator() == null) {
            tensor.accumulateGrad(gradient);
          }
        });
  }

  private static Tensor seed(Tensor output) {
    if (output.shape().elements() != 1) {
      throw new IllegalArgumentException(
          "backward: %s is not a scalar; call sum() or mean() first, or give its gradient"
              .formatted(output.shape()));
    }
    return Tensor.full(output.shape(), 1);
  }

  /** The gradients of everything from the output down to the leaves or the {@code boundary}. */
  private static Map<Tensor, Tensor> walk(
      Tensor output, Tensor outputGradient, Collection<Tensor> boundary) {
    if (!output.isRequiringGrad()) {
      throw new IllegalStateException(
          "backward: no leaf that the output depends on asks for a gradient; call requiresGrad()");
    }
    if (!outputGradient.shape().equals(output.shape())) {
      throw new ShapeException(
          "backward: the gradient is %s; the output is %s"
              .formatted(outputGradient.shape(), output.shape()));
    }
    Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
    // traced: the rules may read what changes from replay to replay though this does not
    gradients.put(output, outputGradient.traced());
    List<Op> ops = OpOrder.of(List.of(output), boundary);
    for (int i = ops.size() - 1; i >= 0; i--) {
      requireKept(ops.get(i));
      Tensor gradient = gradients.computeIfPresent(ops.get(i).output(), Tensor::hooked);
      if (gradient != null) {
        propagate(ops.get(i), gradient, gradients);
      }
    }
    Set<Tensor> ends = Collections.newSetFromMap(new IdentityHashMap<>());
    ends.addAll(boundary);
    gradients.replaceAll(
        (tensor, g) -> tensor.creator() == null && !ends.contains(tensor) ? tensor.hooked(g) : g);
    return gradients;
  }

  private static void requireKept(Op op) {
    if (op.output().storage().isShared()) {
      throw new IllegalStateException(
          "backward: the result of %s %s belongs to a plan, which does not keep its elements;"
                  .formatted(op.name(), op.output().shape())
              + " take the gradients before capturing the plan, or compute it anew");
    }
  }

  private static void propagate(Op op, Tensor outputGradient, Map<Tensor, Tensor> gradients) {
    for (int i = 0; i < op.inputs().size(); i++) {
      Tensor input = op.input(i);
      if (input.isRequiringGrad()) {
        Tensor sum = op.accumulate(i, outputGradient, gradients.get(input));
        if (sum != null) {
          gradients.put(input, sum);
        }
      }
    }
  }
}
