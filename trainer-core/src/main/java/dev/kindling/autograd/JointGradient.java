package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * The gradients of all inputs of an operation, which are computed together when the first of them
 * is asked for.
 */
final class JointGradient {
  private final Function<Tensor, List<Tensor>> rule;
  private Tensor outputGradient;
  private boolean isRecorded;
  private List<Tensor> gradients;

  JointGradient(Function<Tensor, List<Tensor>> rule) {
    this.rule = rule;
  }

  /** Of one input, given the output's; those that recording was off for are of no use when on. */
  Tensor of(int input, Tensor g) {
    if (g != outputGradient || isRecorded != Recording.isOn()) {
      gradients = rule.apply(g);
      outputGradient = g;
      isRecorded = Recording.isOn();
    }
    return gradients.get(input);
  }
}
