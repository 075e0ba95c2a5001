package dev.kindling.autograd;

import dev.kindling.tensor.Tensor;

/**
 * The same elements under another name: where a computation that is made anew starts, so that its
 * gradients are told apart from those of all else that reads the tensor.
 */
final class Alias extends Op {
  private Alias(Tensor x) {
    super(x);
  }

  static Tensor of(Tensor x) {
    return new Alias(x).applyView(x.shape(), x.strides(), x.offsetInStorage());
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
