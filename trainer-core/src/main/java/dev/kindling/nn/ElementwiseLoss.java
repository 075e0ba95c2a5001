package dev.kindling.nn;

import dev.kindling.tensor.Tensor;

/**
 * A loss of each output: that of a sample is their mean. Without reduction every one stays, [n,
 * ...], and the sum is that of all of them, as in PyTorch.
 */
interface ElementwiseLoss extends Loss {

  /** The loss of each output, in their shape [n, ...]. */
  Tensor elements(Tensor output, Targets target);

  @Override
  default Tensor perSample(Tensor output, Targets target) {
    return Losses.meanOfRows(elements(output, target));
  }

  @Override
  default Tensor forward(Tensor output, Targets target, Reduction reduction) {
    return switch (reduction) {
      case NONE -> elements(output, target);
      case SUM -> elements(output, target).sum();
      case MEAN -> perSample(output, target).sum().div(weight(target));
    };
  }
}
