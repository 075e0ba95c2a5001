package dev.kindling.nn;

import dev.kindling.autograd.Op;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;

/** {@code y[i] = step < length[i] ? 1 : 0}, [n, 1]; lengths may change from run to run. */
final class LengthMask extends Op {
  private final IntTensor lengths;
  private final int step;

  private LengthMask(Tensor like, IntTensor lengths, int step) {
    super(like);
    this.lengths = lengths;
    this.step = step;
  }

  static Tensor of(Tensor like, IntTensor lengths, int step) {
    return new LengthMask(like, lengths, step).apply(Shape.of(like.size(0), 1));
  }

  @Override
  protected void run() {
    float[] y = output().array();
    for (int i = 0; i < output().size(0); i++) {
      y[output().offset() + i] = step < lengths.get(i) ? 1 : 0;
    }
  }

  @Override
  protected boolean isDifferentiable() {
    return false;
  }

  @Override
  protected Tensor gradient(int input, Tensor g) {
    return null;
  }
}
